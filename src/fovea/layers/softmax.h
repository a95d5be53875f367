// Softmax over the features of each sample.
//   y[n,c] = exp(x[n,c] - max(x[n])) / sum over j of exp(x[n,j] - max(x[n]))
// Shapes    x, y (N,C)
// Saves     y.
// Backward  dx[n,c] = y[n,c] * (dy[n,c] - sum over j of dy[n,j]*y[n,j])
// Edges     Subtracting the maximum keeps every exponent at or below 0: no overflow. A NaN makes its row NaN.
// Throws    ShapeError unless x is (N,C).
#pragma once

#include "fovea/layers/layer.h"

namespace fovea {

class Softmax final : public LayerOf<Softmax, NoOptions> {
 public:
  static constexpr std::string_view kType = "softmax";
  using LayerOf::LayerOf;
  Softmax() : LayerOf(NoOptions{}) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Softmax, NoOptions>;

// The softmax of one row of `count` values.
template <class S>
void SoftmaxRow(const S* x, int64_t count, S* y);

}  // namespace fovea
