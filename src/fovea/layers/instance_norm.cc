#include "fovea/layers/instance_norm.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

Shape InstanceNorm::OutputShape(std::span<const Shape> x) const {
  if (x[0].rank() < 3)
    throw ShapeError(fmt::format("needs channels and pixels (N, C, H, W), got {}", x[0].ToString()));
  return x[0];
}

std::vector<ParameterSpec> InstanceNorm::Parameters(std::span<const Shape> x) const {
  return AffineParameters(options().affine, {x[0][1]});
}

Rows InstanceNorm::RowsOf(const Shape& x) const {
  const int64_t plane = x.Size() / (x[0] * x[1]);
  return {plane, options().eps, options().affine, plane, x[1]};
}

template <class S>
void InstanceNorm::Forward(const ForwardCall<S>& call) const {
  NormaliseRows(RowsOf(call.x[0].shape()), call);
}
template <class S>
void InstanceNorm::Backward(const BackwardCall<S>& call) const {
  NormaliseRowsBackward(RowsOf(call.x[0].shape()), call);
}

template class LayerOf<InstanceNorm, InstanceNormOptions>;

}  // namespace fovea
