// Element-wise sum of two or more inputs: the residual join.
//   y = x[0] + x[1] + ..., added in that order
// Shapes    all x and y equal
// Saves     nothing.
// Backward  dx[i] = dy for every i
// Throws    ShapeError when the shapes differ.
#pragma once

#include "fovea/layers/layer.h"

namespace fovea {

class Add final : public LayerOf<Add, NoOptions> {
 public:
  static constexpr std::string_view kType = "add";
  using LayerOf::LayerOf;
  Add() : LayerOf(NoOptions{}) {}

  Arity Inputs() const override { return {2, 64}; }
  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Add, NoOptions>;

}  // namespace fovea
