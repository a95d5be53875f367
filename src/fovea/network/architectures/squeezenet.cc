#include <fmt/format.h>

#include "fovea/layers/concat.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {
namespace {

int AddConvRelu(Network& net, const std::string& name, const std::string& relu, const Conv2dOptions& options,
                int from) {
  net.Add(name, Conv2d(options), {from});
  return net.Add(relu, Relu());
}

// Squeeze to a few channels by 1x1, expand by 1x1 and by 3x3, join.
int AddFire(Network& net, const std::string& name, int64_t squeeze, int64_t expand, int from) {
  const int x = AddConvRelu(net, name + ".squeeze", name + ".squeeze_activation",
                            {.filters = squeeze, .kernel = {1, 1}}, from);
  const int a = AddConvRelu(net, name + ".expand1x1", name + ".expand1x1_activation",
                            {.filters = expand, .kernel = {1, 1}}, x);
  const int b = AddConvRelu(net, name + ".expand3x3", name + ".expand3x3_activation",
                            {.filters = expand, .padding = PadAll(1)}, x);
  return net.Add(name + ".join", Concat(), {a, b});
}

}  // namespace

// Names are torchvision's: a node of the list "features" by its place there, poolings included.
Network SqueezeNet11(const Spec& spec) {
  struct Fire {
    int64_t squeeze, expand;  // squeeze 0: a pooling
  };
  constexpr Fire kFeatures[] = {{0, 0}, {16, 64},  {16, 64},  {0, 0},    {32, 128}, {32, 128},
                                {0, 0}, {48, 192}, {48, 192}, {64, 256}, {64, 256}};
  Network net(spec.input);
  Conv2dOptions stem{.filters = 64, .stride = {2, 2}};
  if (!spec.imagenet) stem.stride = {1, 1}, stem.padding = PadAll(1);
  int x = AddConvRelu(net, "features.0", "features.1", stem, 0), number = 2;
  for (const Fire& fire : kFeatures) {
    const std::string name = fmt::format("features.{}", number++);
    if (fire.squeeze != 0) {
      x = AddFire(net, name, fire.squeeze, fire.expand, x);
    } else if (spec.imagenet || number > 3) {
      x = net.Add(name, MaxPool2d({.kernel = {3, 3}, .stride = {2, 2}, .ceil_mode = true}));
    }
  }
  net.Add("classifier.0", Dropout());
  net.Add("classifier.1", Conv2d({.filters = spec.classes, .kernel = {1, 1}, .init = "xavier"}));
  net.Add("classifier.2", Relu());
  net.Add("classifier.3", GlobalAvgPool());
  net.Add("flatten", Flatten());
  return net;
}

}  // namespace fovea::architectures
