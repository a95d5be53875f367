// Rectified linear unit that saturates at 6.
//   y = min(max(x, 0), 6)
// Backward  dx = dy where 0 < x < 6, else 0
// Edges     At x = 0 and x = 6 the gradient is 0. A NaN passes through forward, and its gradient is dy.
// Source    Krizhevsky 2010; Sandler et al. 2018, arXiv:1801.04381
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

class Relu6 final : public PointwiseOf<Relu6> {
 public:
  static constexpr std::string_view kType = "relu6";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Relu6, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
