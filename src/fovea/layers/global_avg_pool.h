// Mean of every plane.
//   y[n,c] = (sum over h,w of x[n,c,h,w]) / (H*W)
// Shapes    x (N,C,H,W); y (N,C,1,1)
// Saves     nothing.
// Backward  dx[n,c,h,w] = dy[n,c] / (H*W)
// Throws    ShapeError unless x is a map.
// Source    Lin, Chen & Yan 2013, arXiv:1312.4400
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

class GlobalAvgPool final : public LayerOf<GlobalAvgPool, NoOptions> {
 public:
  static constexpr std::string_view kType = "global_avg_pool";
  using LayerOf::LayerOf;
  GlobalAvgPool() : LayerOf(NoOptions{}) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<GlobalAvgPool, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
