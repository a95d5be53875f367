// The axes behind the batch in another order.
//   y[n, i1, i2, ...] = x[n, ...] with extent and index of axis k of y those of axis perm[k] of x
// Shapes    x (N, X1, X2, ...); y (N, X[perm[0]], X[perm[1]], ...)
// Options   perm: each of the axes 1, 2, ... once, 0 being the batch, which stays first; [2, 3, 1] is NCHW to NHWC.
// Backward  dx is dy with the axes back in their places.
// Throws    ShapeError when perm is not a permutation of the axes of x behind the batch.
// Source    ONNX Transpose, numpy.transpose
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct TransposeOptions {
  std::vector<int64_t> perm = {};

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("perm", o.perm, Any());
  }
};

class Transpose final : public RearrangementOf<Transpose, TransposeOptions> {
 public:
  static constexpr std::string_view kType = "transpose";
  using RearrangementOf::RearrangementOf;

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;
};
extern template class LayerOf<Transpose, TransposeOptions>;

}  // namespace fovea
#pragma GCC visibility pop
