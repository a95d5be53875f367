#include "fovea/layers/group_norm.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

Shape GroupNorm::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  if (x.rank() < 2) throw ShapeError(fmt::format("needs channels (N, C, ...), got {}", x.ToString()));
  if (x[1] % options().groups != 0) {
    throw ShapeError(fmt::format("groups={} must divide the {} channels", options().groups, x[1]));
  }
  return x;
}

std::vector<ParameterSpec> GroupNorm::Parameters(std::span<const Shape> x) const {
  return AffineParameters(options().affine, {x[0][1]});
}

Rows GroupNorm::RowsOf(const Shape& x) const {
  const int64_t plane = x.Size() / (x[0] * x[1]);
  return {x[1] / options().groups * plane, options().eps, options().affine, plane, x[1]};
}

template <class S>
void GroupNorm::Forward(const ForwardCall<S>& call) const {
  NormaliseRows(RowsOf(call.x[0].shape()), call);
}
template <class S>
void GroupNorm::Backward(const BackwardCall<S>& call) const {
  NormaliseRowsBackward(RowsOf(call.x[0].shape()), call);
}

template class LayerOf<GroupNorm, GroupNormOptions>;

}  // namespace fovea
