#include "fovea/layers/registry.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/layers/add.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/relu.h"

namespace fovea {
namespace {

struct Row {
  std::string_view type;
  std::shared_ptr<const Layer> (*make)(const HyperList& hyper);
};

template <class L>
constexpr Row RowOf() {
  return {L::kType, [](const HyperList& hyper) -> std::shared_ptr<const Layer> {
            return std::make_shared<const L>(OptionsFrom<typename L::Options>(L::kType, hyper));
          }};
}

constexpr Row kRows[] = {
    RowOf<Add>(),
    RowOf<Conv2d>(),
    RowOf<Relu>(),
};

}  // namespace

std::shared_ptr<const Layer> MakeLayer(std::string_view type, const HyperList& hyper) {
  for (const Row& row : kRows) {
    if (row.type == type) return row.make(hyper);
  }
  throw ArgumentError(
      fmt::format("there is no layer type \"{}\"{}", type, DidYouMean(std::string(type), LayerTypes())));
}

std::vector<std::string> LayerTypes() {
  std::vector<std::string> types;
  for (const Row& row : kRows) types.emplace_back(row.type);
  return types;
}

}  // namespace fovea
