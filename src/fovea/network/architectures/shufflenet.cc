#include <fmt/format.h>

#include "fovea/layers/batch_norm.h"
#include "fovea/layers/channel_shuffle.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/slice.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {
namespace {

// Nodes by their place in torchvision's list `name`: convolution, norm, and a ReLU where there is one.
class Branch {
 public:
  Branch(Network& net, std::string name, int from) : net_(net), name_(std::move(name)), x_(from) {}

  Branch& Pointwise(int64_t filters) {
    Append(Conv2d({.filters = filters, .kernel = {1, 1}, .bias = false}));
    Append(BatchNorm());
    return Append(Relu());
  }
  // Without a rectifier.
  Branch& Depthwise(int64_t stride) {
    const int64_t channels = net_.ShapeOf(x_, 1)[1];
    Append(Conv2d({.filters = channels,
                   .stride = {stride, stride},
                   .padding = PadAll(1),
                   .groups = channels,
                   .bias = false}));
    return Append(BatchNorm());
  }
  int x() const { return x_; }

 private:
  template <class L>
  Branch& Append(L layer) {
    x_ = net_.Add(fmt::format("{}.{}", name_, number_++), std::move(layer), {x_});
    return *this;
  }

  Network& net_;
  const std::string name_;
  int x_, number_ = 0;
};

// Half of the channels pass as they are, or with stride 2 all go through both branches; then the halves are shuffled.
int AddUnit(Network& net, const std::string& name, int64_t channels, int64_t stride, int from) {
  const int64_t half = channels / 2;
  int first = from, second = from;
  if (stride == 1) {
    first = net.Add(name + ".keep", Slice({.starts = {0}, .ends = {half}}), {from});
    second = net.Add(name + ".pass", Slice({.starts = {half}, .ends = {channels}}), {from});
  } else {
    first = Branch(net, name + ".branch1", from).Depthwise(stride).Pointwise(half).x();
  }
  second = Branch(net, name + ".branch2", second).Pointwise(half).Depthwise(stride).Pointwise(half).x();
  net.Add(name + ".join", Concat(), {first, second});
  return net.Add(name + ".shuffle", ChannelShuffle({.groups = 2}));
}

int AddConvNormReluByPlace(Network& net, const std::string& name, Conv2dOptions options) {
  options.bias = false;
  net.Add(name + ".0", Conv2d(options));
  net.Add(name + ".1", BatchNorm());
  return net.Add(name + ".2", Relu());
}

}  // namespace

// Names are torchvision's. For small images the stem keeps the resolution and there is no pooling.
Network ShuffleNetV2(const Spec& spec) {
  struct Stage {
    int64_t channels, units;
  };
  constexpr Stage kStages[] = {{116, 4}, {232, 8}, {464, 4}};
  const int64_t step = spec.imagenet ? 2 : 1;
  Network net(spec.input);
  int x = AddConvNormReluByPlace(net, "conv1", {.filters = 24, .stride = {step, step}, .padding = PadAll(1)});
  if (spec.imagenet)
    x = net.Add("maxpool", MaxPool2d({.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1)}));
  int number = 2;
  for (const auto& [channels, units] : kStages) {
    for (int64_t i = 0; i < units; i++)
      x = AddUnit(net, fmt::format("stage{}.{}", number, i), channels, i == 0 ? 2 : 1, x);
    number++;
  }
  AddConvNormReluByPlace(net, "conv5", {.filters = 1024, .kernel = {1, 1}});
  AddHead(net, spec.classes);
  return net;
}

}  // namespace fovea::architectures
