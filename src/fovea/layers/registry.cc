#include "fovea/layers/registry.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/layers/add.h"
#include "fovea/layers/arithmetic.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/binary_cross_entropy.h"
#include "fovea/layers/channel_shuffle.h"
#include "fovea/layers/clip.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/conv_transpose2d.h"
#include "fovea/layers/depth_to_space.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/elementary.h"
#include "fovea/layers/exponential_units.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gated_units.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/global_max_pool.h"
#include "fovea/layers/group_norm.h"
#include "fovea/layers/instance_norm.h"
#include "fovea/layers/layer_norm.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/local_response_norm.h"
#include "fovea/layers/lp_pool2d.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/negative_log_likelihood.h"
#include "fovea/layers/pad.h"
#include "fovea/layers/prelu.h"
#include "fovea/layers/reduce.h"
#include "fovea/layers/regression_losses.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/relu6.h"
#include "fovea/layers/reshape.h"
#include "fovea/layers/resize.h"
#include "fovea/layers/sigmoids.h"
#include "fovea/layers/slice.h"
#include "fovea/layers/softmax.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/layers/softplus.h"
#include "fovea/layers/space_to_depth.h"
#include "fovea/layers/transpose.h"

namespace fovea {
namespace {

template <class Made>
struct Row {
  std::string_view type;
  std::shared_ptr<const Made> (*make)(const HyperList& hyper);
};

template <class L, class Made = Layer>
constexpr Row<Made> RowOf() {
  return {L::kType, [](const HyperList& hyper) -> std::shared_ptr<const Made> {
            return std::make_shared<const L>(OptionsFrom<typename L::Options>(L::kType, hyper));
          }};
}

constexpr Row<Loss> kLosses[] = {
    RowOf<BinaryCrossEntropy, Loss>(),  RowOf<Huber, Loss>(),           RowOf<MeanAbsoluteError, Loss>(),
    RowOf<MeanSquaredError, Loss>(),    RowOf<MulticlassHinge, Loss>(), RowOf<NegativeLogLikelihood, Loss>(),
    RowOf<SoftmaxCrossEntropy, Loss>(),
};

constexpr Row<Layer> kLayers[] = {
    RowOf<AbsoluteValue>(),
    RowOf<Add>(),
    RowOf<AvgPool2d>(),
    RowOf<BatchNorm>(),
    RowOf<Celu>(),
    RowOf<ChannelShuffle>(),
    RowOf<Clip>(),
    RowOf<Concat>(),
    RowOf<Conv2d>(),
    RowOf<ConvTranspose2d>(),
    RowOf<DepthToSpace>(),
    RowOf<Divide>(),
    RowOf<Dropout>(),
    RowOf<Elu>(),
    RowOf<Exponential>(),
    RowOf<Flatten>(),
    RowOf<Gelu>(),
    RowOf<GlobalAvgPool>(),
    RowOf<GlobalMaxPool>(),
    RowOf<GroupNorm>(),
    RowOf<Hardsigmoid>(),
    RowOf<Hardswish>(),
    RowOf<HyperbolicTangent>(),
    RowOf<InstanceNorm>(),
    RowOf<LayerNorm>(),
    RowOf<LeakyRelu>(),
    RowOf<Linear>(),
    RowOf<LocalResponseNorm>(),
    RowOf<Logarithm>(),
    RowOf<LogSigmoid>(),
    RowOf<LogSoftmax>(),
    RowOf<LpPool2d>(),
    RowOf<Maximum>(),
    RowOf<MaxPool2d>(),
    RowOf<Minimum>(),
    RowOf<Mish>(),
    RowOf<Multiply>(),
    RowOf<Negative>(),
    RowOf<Pad>(),
    RowOf<Power>(),
    RowOf<Prelu>(),
    RowOf<Reciprocal>(),
    RowOf<Reduce>(),
    RowOf<Relu>(),
    RowOf<Relu6>(),
    RowOf<Reshape>(),
    RowOf<Resize>(),
    RowOf<Selu>(),
    RowOf<Sigmoid>(),
    RowOf<Silu>(),
    RowOf<Slice>(),
    RowOf<Softmax>(),
    RowOf<Softplus>(),
    RowOf<Softsign>(),
    RowOf<SpaceToDepth>(),
    RowOf<SquareRoot>(),
    RowOf<Subtract>(),
    RowOf<Transpose>(),
};

template <class Made>
std::vector<std::string> TypesOf(std::span<const Row<Made>> rows) {
  std::vector<std::string> types;
  for (const auto& row : rows) types.emplace_back(row.type);
  return types;
}

template <class Made>
std::shared_ptr<const Made> Make(std::string_view what, std::span<const Row<Made>> rows,
                                 std::string_view type, const HyperList& hyper) {
  for (const auto& row : rows) {
    if (row.type == type) return row.make(hyper);
  }
  throw ArgumentError(
      fmt::format("there is no {} \"{}\"{}", what, type, DidYouMean(std::string(type), TypesOf(rows))));
}

}  // namespace

std::shared_ptr<const Layer> MakeLayer(std::string_view type, const HyperList& hyper) {
  return Make<Layer>("layer type", kLayers, type, hyper);
}
std::vector<std::string> LayerTypes() { return TypesOf<Layer>(kLayers); }

std::shared_ptr<const Loss> MakeLoss(std::string_view type, const HyperList& hyper) {
  return Make<Loss>("loss", kLosses, type, hyper);
}
std::vector<std::string> LossTypes() { return TypesOf<Loss>(kLosses); }

}  // namespace fovea
