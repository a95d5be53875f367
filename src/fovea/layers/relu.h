// Rectified linear unit.
//   y = x where x > 0, else 0
// Backward  dx = dy where x > 0, else 0
// Edges     At x = 0 the gradient is 0. A NaN passes through forward, and its gradient is dy.
// Source    Nair & Hinton 2010
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

class Relu final : public PointwiseOf<Relu> {
 public:
  static constexpr std::string_view kType = "relu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Relu, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
