// Largest value of every plane.
//   y[n,c] = max over h,w of x[n,c,h,w]
// Shapes    x (N,C,H,W); y (N,C,1,1)
// Saves     nothing beyond x (the fast step keeps the place, one byte a plane and lane).
// Backward  dx = dy at the maximum, 0 elsewhere
// Ties      The first maximum in row-major order takes the whole gradient.
// NaN       A NaN is larger than every number, the first one wins.
// Throws    ShapeError unless x is a map.
// Source    ONNX GlobalMaxPool, torch.nn.AdaptiveMaxPool2d(1)
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

class GlobalMaxPool final : public LayerOf<GlobalMaxPool, NoOptions> {
 public:
  static constexpr std::string_view kType = "global_max_pool";
  using LayerOf::LayerOf;
  GlobalMaxPool() : LayerOf(NoOptions{}) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<GlobalMaxPool, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
