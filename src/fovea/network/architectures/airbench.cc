#include <fmt/format.h>

#include "fovea/layers/batch_norm.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {
namespace {

void AddNormGelu(Network& net, const std::string& name) {
  net.Add(name + ".bn", BatchNorm({.eps = 1e-12, .momentum = 0.4}));
  net.Add(name + ".gelu", Gelu());
}

void AddConv(Network& net, const std::string& name, int64_t filters) {
  net.Add(name + ".conv",
          Conv2d({.filters = filters, .padding = PadAll(1), .bias = false, .init = "partial_dirac"}));
}

}  // namespace

// The published net divides its scores by 256 and starts its head at variance 1: the same function as a head that starts
// 256 times smaller, and learns at 1/256^2 of the rate.
Network Airbench94(const Spec& spec) {
  constexpr int64_t kWidths[] = {64, 256, 256}, kPatch = 2;
  Network net(spec.input);
  net.Add(
      "whiten",
      Conv2d({.filters = 2 * spec.input[0] * kPatch * kPatch, .kernel = {kPatch, kPatch}, .init = "whiten"}));
  net.Add("whiten.gelu", Gelu());
  int group = 1;
  for (const int64_t width : kWidths) {
    const std::string name = fmt::format("group{}", group++);
    AddConv(net, name + ".1", width);
    net.Add(name + ".pool", MaxPool2d());
    AddNormGelu(net, name + ".1");
    AddConv(net, name + ".2", width);
    AddNormGelu(net, name + ".2");
  }
  net.Add("pool", MaxPool2d({.kernel = {3, 3}, .stride = {3, 3}}));
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = spec.classes, .bias = false, .init = "mean_field"}));
  return net;
}

}  // namespace fovea::architectures
