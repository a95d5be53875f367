#include "fovea/network/architectures.h"

#include <fmt/format.h>

#include <sstream>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/network/architectures/builders.h"

namespace fovea {
namespace {

using architectures::Spec;

struct Row {
  const char* name;
  Network (*build)(const Spec& spec);
};

template <int kDepth>
Network Thin(const Spec& spec) {
  return architectures::ResNetThin(spec, kDepth);
}
template <int kDepth>
Network Wide(const Spec& spec) {
  return architectures::ResNetWide(spec, kDepth);
}
template <bool kNorm>
Network Vgg(const Spec& spec) {
  return architectures::Vgg16(spec, kNorm);
}

constexpr Row kRows[] = {
    {"threelayer", architectures::ThreeLayer},
    {"lenet5", architectures::LeNet5},
    {"glyphnet", architectures::GlyphNet},
    {"vgg16", Vgg<false>},
    {"vgg16_bn", Vgg<true>},
    {"resnet20", Thin<20>},
    {"resnet32", Thin<32>},
    {"resnet44", Thin<44>},
    {"resnet56", Thin<56>},
    {"resnet110", Thin<110>},
    {"resnet18", Wide<18>},
    {"resnet34", Wide<34>},
    {"resnet50", Wide<50>},
    {"mobilenet_v2", architectures::MobileNetV2},
    {"airbench94", architectures::Airbench94},
    {"darknet19", architectures::Darknet19},
    {"squeezenet1_1", architectures::SqueezeNet11},
    {"densenet121", architectures::DenseNet121},
    {"shufflenet_v2", architectures::ShuffleNetV2},
};

void ApplyOption(const std::string& option, const std::string& name, Spec& spec) {
  const bool shortcut = option == "shortcut=pad" || option == "shortcut=projection";
  if (option == "stem=imagenet" || option == "stem=cifar") {
    spec.imagenet = option == "stem=imagenet";
  } else if (shortcut && name.starts_with("resnet")) {
    spec.pad_shortcuts = option == "shortcut=pad";
  } else {
    throw ArgumentError(fmt::format("\"{}\" is not an option of {}{}", option, name,
                                    shortcut ? ": that is for ResNets"
                                             : DidYouMean(option, {"stem=cifar", "stem=imagenet",
                                                                   "shortcut=pad", "shortcut=projection"})));
  }
}

}  // namespace

Network BuildNetwork(const std::string& spec, const Shape& input, int64_t classes) {
  if (input.rank() != 3)
    throw ShapeError(fmt::format("a network reads images CxHxW, got {}", input.ToString()));
  if (classes < 1) throw ArgumentError(fmt::format("a network needs at least 1 class, got {}", classes));
  std::istringstream parts(spec);
  std::string name, option;
  std::getline(parts, name, ':');
  for (const Row& row : kRows) {
    if (name != row.name) continue;
    Spec options{input, classes, input[1] > 64 || input[2] > 64, false};
    while (std::getline(parts, option, ':')) ApplyOption(option, name, options);
    return row.build(options);
  }
  throw ArgumentError(fmt::format("there is no network \"{}\"{}", name, DidYouMean(name, NetworkNames())));
}

std::vector<std::string> NetworkNames() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.name);
  return names;
}

}  // namespace fovea
