// Rectified linear unit that saturates at 6.
//   y = min(max(x, 0), 6)
// Shapes    x, y of any shape
// Saves     nothing beyond x (the fast step keeps y, which says the same).
// Backward  dx = dy where 0 < x < 6, else 0
// Edges     At x = 0 and x = 6 the gradient is 0. A NaN passes through forward, and its gradient is dy.
// Source    Krizhevsky 2010; Sandler et al. 2018, arXiv:1801.04381
#pragma once

#include "fovea/layers/layer.h"

namespace fovea {

class Relu6 final : public LayerOf<Relu6, NoOptions> {
 public:
  static constexpr std::string_view kType = "relu6";
  using LayerOf::LayerOf;
  Relu6() : LayerOf(NoOptions{}) {}

  Shape OutputShape(std::span<const Shape> x) const override { return x[0]; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Relu6, NoOptions>;

}  // namespace fovea
