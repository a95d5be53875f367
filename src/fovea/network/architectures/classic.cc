#include <fmt/format.h>

#include "fovea/layers/flatten.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures/builders.h"

namespace fovea::architectures {

Network ThreeLayer(const Spec& spec) {
  Network net(spec.input);
  net.Add("conv1", Conv2d({.filters = 32, .kernel = {7, 7}, .padding = PadAll(3)}));
  net.Add("relu1", Relu());
  net.Add("pool1", MaxPool2d());
  net.Add("flatten", Flatten());
  net.Add("fc1", Linear({.features = 100}));
  net.Add("relu2", Relu());
  net.Add("fc2", Linear({.features = spec.classes, .init = "xavier"}));
  return net;
}

Network LeNet5(const Spec& spec) {
  Network net(spec.input);
  net.Add("conv1", Conv2d({.filters = 6, .kernel = {5, 5}, .padding = PadAll(2)}));
  net.Add("relu1", Relu());
  net.Add("pool1", MaxPool2d());
  net.Add("conv2", Conv2d({.filters = 16, .kernel = {5, 5}}));
  net.Add("relu2", Relu());
  net.Add("pool2", MaxPool2d());
  net.Add("flatten", Flatten());
  net.Add("fc1", Linear({.features = 120}));
  net.Add("relu3", Relu());
  net.Add("fc2", Linear({.features = 84}));
  net.Add("relu4", Relu());
  net.Add("fc3", Linear({.features = spec.classes, .init = "xavier"}));
  return net;
}

Network GlyphNet(const Spec& spec) {
  Network net(spec.input);
  int x = 0;
  for (int stage = 1; stage <= 3; stage++) {
    const int64_t filters = 8 << stage;
    for (int i = 1; i <= 2; i++) {
      x = AddConvNormRelu(net, fmt::format("stage{}.{}", stage, i), {.filters = filters}, x);
    }
    if (stage < 3) x = net.Add(fmt::format("stage{}.pool", stage), MaxPool2d());
  }
  AddHead(net, spec.classes);
  return net;
}

}  // namespace fovea::architectures
