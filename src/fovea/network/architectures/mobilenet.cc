#include <fmt/format.h>

#include "fovea/layers/add.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/relu6.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {
namespace {

int AddConvNormRelu6(Network& net, const std::string& name, const Conv2dOptions& options, int from) {
  AddConvNorm(net, name, options, from);
  return net.Add(name + ".relu", Relu6());
}

// Expand by 1x1, filter each channel by 3x3, project by 1x1 without a rectifier.
int AddInvertedResidual(Network& net, const std::string& name, int64_t expansion, int64_t filters,
                        int64_t stride, int from) {
  const int64_t inputs = net.ShapeOf(from, 1)[1], wide = inputs * expansion;
  int x = from;
  if (expansion > 1) x = AddConvNormRelu6(net, name + ".expand", {.filters = wide, .kernel = {1, 1}}, x);
  x = AddConvNormRelu6(net, name + ".depthwise",
                       {.filters = wide, .stride = {stride, stride}, .groups = wide}, x);
  x = AddConvNorm(net, name + ".project", {.filters = filters, .kernel = {1, 1}}, x);
  if (stride != 1 || inputs != filters) return x;
  return net.Add(name + ".join", Add(), {x, from});
}

}  // namespace

// For small images the stem and the second stage keep the resolution.
Network MobileNetV2(const Spec& spec) {
  struct Stage {
    int64_t expansion, filters, blocks, stride;
  };
  const int64_t step = spec.imagenet ? 2 : 1;
  const Stage stages[] = {{1, 16, 1, 1}, {6, 24, 2, step}, {6, 32, 3, 2}, {6, 64, 4, 2},
                          {6, 96, 3, 1}, {6, 160, 3, 2},   {6, 320, 1, 1}};
  Network net(spec.input);
  int x = AddConvNormRelu6(net, "stem", {.filters = 32, .stride = {step, step}}, 0);
  int number = 1;
  for (const Stage& stage : stages) {
    for (int64_t i = 0; i < stage.blocks; i++) {
      x = AddInvertedResidual(net, fmt::format("block{}", number++), stage.expansion, stage.filters,
                              i == 0 ? stage.stride : 1, x);
    }
  }
  AddConvNormRelu6(net, "last", {.filters = 1280, .kernel = {1, 1}}, x);
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("dropout", Dropout({.rate = 0.2}));
  net.Add("fc", Linear({.features = spec.classes, .init = "xavier"}));
  return net;
}

}  // namespace fovea::architectures
