#include "fovea/network/architectures.h"

#include <fmt/format.h>

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
