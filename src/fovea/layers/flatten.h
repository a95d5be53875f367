// A map as features, in row-major order: y[n, (c*H + h)*W + w] = x[n,c,h,w].
// Shapes    x (N,C,H,W) or (N,C); y (N, C*H*W)
// Saves     nothing.
// Backward  dx is dy in the shape of x.
// Source    ONNX Flatten with axis 1, torch.nn.Flatten
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

class Flatten final : public LayerOf<Flatten, NoOptions> {
 public:
  static constexpr std::string_view kType = "flatten";
  using LayerOf::LayerOf;
  Flatten() : LayerOf(NoOptions{}) {}

  Shape OutputShape(std::span<const Shape> x) const override { return {x[0][0], x[0].Size() / x[0][0]}; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Flatten, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
