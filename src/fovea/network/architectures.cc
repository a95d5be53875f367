#include "fovea/network/architectures.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/layers/add.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"

namespace fovea {
namespace {

struct Spec {
  Shape input;
  int64_t classes;
  bool imagenet;  // stem and head for large images
};

// conv - batch norm, without a bias, which the batch norm would cancel.
int AddConvNorm(Network& net, const std::string& name, const Conv2dOptions& options, int from) {
  Conv2dOptions o = options;
  o.bias = false;
  o.padding = {(o.kernel.h - 1) / 2, (o.kernel.w - 1) / 2, (o.kernel.h - 1) / 2, (o.kernel.w - 1) / 2};
  net.Add(name + ".conv", Conv2d(o), {from});
  return net.Add(name + ".bn", BatchNorm());
}

int AddConvNormRelu(Network& net, const std::string& name, const Conv2dOptions& options, int from) {
  AddConvNorm(net, name, options, from);
  return net.Add(name + ".relu", Relu());
}

void AddHead(Network& net, int64_t classes) {
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = classes, .init = "xavier"}));
}

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

int AddBasicBlock(Network& net, const std::string& name, int64_t filters, int64_t stride, bool project,
                  int from) {
  AddConvNormRelu(net, name + ".1", {.filters = filters, .stride = {stride, stride}}, from);
  const int body = AddConvNorm(net, name + ".2", {.filters = filters}, net.ValueCount() - 1);
  int shortcut = from;
  if (project) {
    shortcut = AddConvNorm(net, name + ".shortcut",
                           {.filters = filters, .kernel = {1, 1}, .stride = {stride, stride}}, from);
  }
  net.Add(name + ".join", Add(), {body, shortcut});
  return net.Add(name + ".relu", Relu());
}

Network ResNet20(const Spec& spec) {
  Network net(spec.input);
  int x = 0;
  if (spec.imagenet) {
    AddConvNormRelu(net, "stem", {.filters = 16, .kernel = {7, 7}, .stride = {2, 2}}, x);
    x = net.Add("stem.pool", MaxPool2d({.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1)}));
  } else {
    x = AddConvNormRelu(net, "stem", {.filters = 16}, x);
  }
  for (int stage = 1; stage <= 3; stage++) {
    for (int block = 1; block <= 3; block++) {
      const bool first = stage > 1 && block == 1;
      x = AddBasicBlock(net, fmt::format("stage{}.block{}", stage, block), 8 << stage, first ? 2 : 1, first,
                        x);
    }
  }
  AddHead(net, spec.classes);
  return net;
}

struct Row {
  const char* name;
  Network (*build)(const Spec& spec);
};
constexpr Row kRows[] = {
    {"threelayer", ThreeLayer}, {"lenet5", LeNet5}, {"glyphnet", GlyphNet}, {"resnet20", ResNet20}};

bool ImagenetStem(const std::string& option, const Shape& input) {
  if (option.empty()) return input[1] > 64 || input[2] > 64;
  if (option == "stem=imagenet") return true;
  if (option == "stem=cifar") return false;
  throw ArgumentError(fmt::format("\"{}\" is not an option of a network{}", option,
                                  DidYouMean(option, {"stem=cifar", "stem=imagenet"})));
}

}  // namespace

Network BuildNetwork(const std::string& spec, const Shape& input, int64_t classes) {
  if (input.rank() != 3)
    throw ShapeError(fmt::format("a network reads images CxHxW, got {}", input.ToString()));
  if (classes < 1) throw ArgumentError(fmt::format("a network needs at least 1 class, got {}", classes));
  const auto colon = spec.find(':');
  const std::string name = spec.substr(0, colon),
                    option = colon == std::string::npos ? "" : spec.substr(colon + 1);
  for (const Row& row : kRows) {
    if (name == row.name) return row.build({input, classes, ImagenetStem(option, input)});
  }
  throw ArgumentError(fmt::format("there is no network \"{}\"{}", name, DidYouMean(name, NetworkNames())));
}

std::vector<std::string> NetworkNames() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.name);
  return names;
}

}  // namespace fovea
