#include "fovea/layers/registry.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/layers/add.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/relu6.h"
#include "fovea/layers/softmax.h"

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
    RowOf<Add>(),     RowOf<AvgPool2d>(), RowOf<BatchNorm>(), RowOf<Concat>(),        RowOf<Conv2d>(),
    RowOf<Dropout>(), RowOf<Flatten>(),   RowOf<Gelu>(),      RowOf<GlobalAvgPool>(), RowOf<LeakyRelu>(),
    RowOf<Linear>(),  RowOf<MaxPool2d>(), RowOf<Relu>(),      RowOf<Relu6>(),         RowOf<Softmax>(),
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
