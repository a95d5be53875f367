#include "fovea/layers/layer_norm.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea {

Shape LayerNorm::OutputShape(std::span<const Shape> inputs) const {
  const auto x = inputs[0].extents();
  const std::vector<int64_t>& shape = options().shape;
  if (shape.empty() || shape.size() >= x.size() || !std::equal(shape.rbegin(), shape.rend(), x.rbegin())) {
    throw ShapeError(fmt::format("shape={} must be the last extents of {}, behind the batch",
                                 ToString(ToHyper(shape)), inputs[0].ToString()));
  }
  return inputs[0];
}

std::vector<ParameterSpec> LayerNorm::Parameters(std::span<const Shape>) const {
  return AffineParameters(options().affine, Shape(options().shape));
}

Rows LayerNorm::RowsOf(const Shape&) const {
  const int64_t m = Shape(options().shape).Size();
  return {m, options().eps, options().affine, 1, m};
}

template <class S>
void LayerNorm::Forward(const ForwardCall<S>& call) const {
  NormaliseRows(RowsOf(call.x[0].shape()), call);
}
template <class S>
void LayerNorm::Backward(const BackwardCall<S>& call) const {
  NormaliseRowsBackward(RowsOf(call.x[0].shape()), call);
}

template class LayerOf<LayerNorm, LayerNormOptions>;

}  // namespace fovea
