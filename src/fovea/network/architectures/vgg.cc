#include <fmt/format.h>

#include "fovea/layers/batch_norm.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {

// The convolutions keep their biases beside a batch norm, as published.
Network Vgg16(const Spec& spec, bool norm) {
  constexpr int64_t kFilters[] = {64, 128, 256, 512, 512};
  Network net(spec.input);
  for (int stage = 1; stage <= 5; stage++) {
    for (int i = 1; i <= (stage <= 2 ? 2 : 3); i++) {
      const std::string name = fmt::format("stage{}.{}", stage, i);
      net.Add(name + ".conv", Conv2d({.filters = kFilters[stage - 1], .padding = PadAll(1)}));
      if (norm) net.Add(name + ".bn", BatchNorm());
      net.Add(name + ".relu", Relu());
    }
    net.Add(fmt::format("stage{}.pool", stage), MaxPool2d());
  }
  net.Add("flatten", Flatten());
  for (int i = 1; spec.imagenet && i <= 2; i++) {
    net.Add(fmt::format("fc{}", i), Linear({.features = 4096}));
    net.Add(fmt::format("fc{}.relu", i), Relu());
    net.Add(fmt::format("fc{}.dropout", i), Dropout());
  }
  net.Add("fc", Linear({.features = spec.classes, .init = "xavier"}));
  return net;
}

}  // namespace fovea::architectures
