// Rectified linear unit.
//   y = x where x > 0, else 0
// Shapes    x, y of any shape
// Saves     nothing beyond x (the fast step keeps y, whose sign says the same).
// Backward  dx = dy where x > 0, else 0
// Edges     At x = 0 the gradient is 0. A NaN passes through forward, and its gradient is dy.
// Source    Nair & Hinton 2010
#pragma once

#include "fovea/layers/layer.h"

namespace fovea {

class Relu final : public LayerOf<Relu, NoOptions> {
 public:
  static constexpr std::string_view kType = "relu";
  using LayerOf::LayerOf;
  Relu() : LayerOf(NoOptions{}) {}

  Shape OutputShape(std::span<const Shape> x) const override { return x[0]; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Relu, NoOptions>;

}  // namespace fovea
