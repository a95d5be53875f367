#include <fmt/format.h>

#include "fovea/layers/batch_norm.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {

// Between two poolings 3x3 convolutions alternate with 1x1 of half their filters. The first two poolings are left out for small
// images. Darknet pads its pooling at the bottom and right.
Network Darknet19(const Spec& spec) {
  struct Stage {
    int64_t filters, convolutions;
  };
  constexpr Stage kStages[] = {{32, 1}, {64, 1}, {128, 3}, {256, 3}, {512, 5}, {1024, 5}};
  Network net(spec.input);
  int number = 0, stage = 0, x = 0;
  for (const auto& [filters, convolutions] : kStages) {
    if (stage > (spec.imagenet ? 0 : 2))
      x = net.Add(fmt::format("pool{}", stage), MaxPool2d({.padding = {0, 0, 1, 1}}));
    stage++;
    for (int64_t i = 0; i < convolutions; i++) {
      const bool narrow = i % 2 == 1;
      const std::string name = fmt::format("conv{}", ++number);
      AddConvNorm(net, name,
                  {.filters = narrow ? filters / 2 : filters, .kernel = narrow ? Size2{1, 1} : Size2{3, 3}},
                  x);
      x = net.Add(name + ".leaky", LeakyRelu({.slope = 0.1}));
    }
  }
  net.Add("conv19", Conv2d({.filters = spec.classes, .kernel = {1, 1}, .init = "xavier"}));
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  return net;
}

}  // namespace fovea::architectures
