// Inputs joined along the channels (the features), in their order.
//   y[n, C0 + ... + C(i-1) + c] = x[i][n, c]
// Shapes    x[i] (N,Ci,...) equal but for Ci; y (N, sum of Ci, ...)
// Saves     nothing.
// Backward  dx[i] = the part of dy that came from x[i]
// Throws    ShapeError when the shapes differ in more than the channels.
#pragma once

#include "fovea/base/api.h"
#include "fovea/layers/layer.h"

namespace fovea FOVEA_API {

class Concat final : public LayerOf<Concat, NoOptions> {
 public:
  static constexpr std::string_view kType = "concat";
  using LayerOf::LayerOf;
  Concat() : LayerOf(NoOptions{}) {}

  Arity Inputs() const override { return {1, 1024}; }
  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Concat, NoOptions>;

}  // namespace fovea
