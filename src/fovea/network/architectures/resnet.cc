#include <fmt/format.h>

#include <array>

#include "fovea/layers/add.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/pad.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/slice.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {
namespace {

int AddStem(Network& net, const Spec& spec, int64_t filters) {
  if (!spec.imagenet) return AddConvNormRelu(net, "stem", {.filters = filters}, 0);
  AddConvNormRelu(net, "stem", {.filters = filters, .kernel = {7, 7}, .stride = {2, 2}}, 0);
  return net.Add("stem.pool", MaxPool2d({.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1)}));
}

struct Block {
  int64_t filters, stride;
  int64_t expansion;  // 1: two 3x3 convolutions; 4: 1x1, 3x3, 1x1 to four times the filters
};

// x in the shape (outputs, H/stride, W/stride): by a 1x1 convolution, or every stride-th pixel between channels of zeros.
int AddShortcut(Network& net, const std::string& name, int64_t outputs, int64_t stride, bool pad, int from) {
  const int64_t inputs = net.ShapeOf(from, 1)[1];
  if (stride == 1 && inputs == outputs) return from;
  if (!pad)
    return AddConvNorm(net, name, {.filters = outputs, .kernel = {1, 1}, .stride = {stride, stride}}, from);
  const Shape map = net.ShapeOf(from, 1);
  if (stride != 1) {
    from = net.Add(
        name + ".pixels",
        Slice({.starts = {0, 0}, .ends = {map[2], map[3]}, .axes = {2, 3}, .steps = {stride, stride}}),
        {from});
  }
  const int64_t front = (outputs - inputs) / 2;
  return net.Add(name + ".pad", Pad({.front = front, .back = outputs - inputs - front}), {from});
}

int AddBlock(Network& net, const std::string& name, const Block& block, bool pad_shortcut, int from) {
  const Size2 stride{block.stride, block.stride};
  const int64_t filters = block.filters, outputs = filters * block.expansion;
  int body = from;
  if (block.expansion == 1) {
    body = AddConvNormRelu(net, name + ".1", {.filters = filters, .stride = stride}, body);
    body = AddConvNorm(net, name + ".2", {.filters = outputs}, body);
  } else {
    body = AddConvNormRelu(net, name + ".1", {.filters = filters, .kernel = {1, 1}}, body);
    body = AddConvNormRelu(net, name + ".2", {.filters = filters, .stride = stride}, body);
    body = AddConvNorm(net, name + ".3", {.filters = outputs, .kernel = {1, 1}}, body);
  }
  const int shortcut = AddShortcut(net, name + ".shortcut", outputs, block.stride, pad_shortcut, from);
  net.Add(name + ".join", Add(), {body, shortcut});
  return net.Add(name + ".relu", Relu());
}

Network ResNet(const Spec& spec, int64_t filters, std::span<const int> blocks, int64_t expansion) {
  Network net(spec.input);
  int x = AddStem(net, spec, filters);
  for (std::size_t stage = 0; stage < blocks.size(); stage++) {
    for (int i = 1; i <= blocks[stage]; i++) {
      const int64_t stride = stage > 0 && i == 1 ? 2 : 1;
      x = AddBlock(net, fmt::format("stage{}.block{}", stage + 1, i), {filters << stage, stride, expansion},
                   spec.pad_shortcuts, x);
    }
  }
  AddHead(net, spec.classes);
  return net;
}

}  // namespace

Network ResNetThin(const Spec& spec, int depth) {
  const int blocks = (depth - 2) / 6;
  return ResNet(spec, 16, std::array{blocks, blocks, blocks}, 1);
}

Network ResNetWide(const Spec& spec, int depth) {
  if (depth == 18) return ResNet(spec, 64, std::array{2, 2, 2, 2}, 1);
  return ResNet(spec, 64, std::array{3, 4, 6, 3}, depth == 50 ? 4 : 1);
}

}  // namespace fovea::architectures
