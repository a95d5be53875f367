#include <fmt/format.h>

#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {
namespace {

// NAME.norm - NAME.relu - NAME.conv, each name followed by `number`.
int AddNormReluConv(Network& net, const std::string& name, const std::string& number, Conv2dOptions options,
                    int from) {
  options.bias = false;
  net.Add(name + ".norm" + number, BatchNorm(), {from});
  net.Add(name + ".relu" + number, Relu());
  return net.Add(name + ".conv" + number, Conv2d(options));
}

// Each layer reads all before it in the block, and adds `growth` channels.
int AddDenseBlock(Network& net, const std::string& name, int layers, int from) {
  constexpr int64_t kGrowth = 32, kBottleneck = 4 * kGrowth;
  int joined = from;
  for (int i = 1; i <= layers; i++) {
    const std::string layer = fmt::format("{}.denselayer{}", name, i);
    const int narrow = AddNormReluConv(net, layer, "1", {.filters = kBottleneck, .kernel = {1, 1}}, joined);
    const int grown = AddNormReluConv(net, layer, "2", {.filters = kGrowth, .padding = PadAll(1)}, narrow);
    joined = net.Add(layer + ".join", Concat(), {joined, grown});
  }
  return joined;
}

int AddStem(Network& net, const Spec& spec) {
  Conv2dOptions stem{.filters = 64, .padding = PadAll(1), .bias = false};
  if (spec.imagenet) stem.kernel = {7, 7}, stem.stride = {2, 2}, stem.padding = PadAll(3);
  net.Add("features.conv0", Conv2d(stem));
  net.Add("features.norm0", BatchNorm());
  const int x = net.Add("features.relu0", Relu());
  if (!spec.imagenet) return x;
  return net.Add("features.pool0", MaxPool2d({.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1)}));
}

}  // namespace

// Names are torchvision's. Between two blocks a transition halves channels and resolution.
Network DenseNet121(const Spec& spec) {
  constexpr int kLayers[] = {6, 12, 24, 16};
  Network net(spec.input);
  int x = AddStem(net, spec), number = 1;
  for (const int layers : kLayers) {
    x = AddDenseBlock(net, fmt::format("features.denseblock{}", number), layers, x);
    if (number == 4) break;
    const std::string transition = fmt::format("features.transition{}", number++);
    AddNormReluConv(net, transition, "", {.filters = net.ShapeOf(x, 1)[1] / 2, .kernel = {1, 1}}, x);
    x = net.Add(transition + ".pool", AvgPool2d());
  }
  net.Add("features.norm5", BatchNorm());
  net.Add("relu", Relu());
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("classifier", Linear({.features = spec.classes, .init = "xavier"}));
  return net;
}

}  // namespace fovea::architectures
