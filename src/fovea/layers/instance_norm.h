// Instance normalisation: over the pixels of each channel of each sample.
//   mu, var over the H*W pixels, r = 1/sqrt(var + eps), h = (x - mu)*r;  y = gamma*h + beta
// Shapes    x, y (N,C,...); gamma "weight" and beta "bias" (C), none unless affine
// Saves     mu, r (one a plane) in the fast step; h is recomputed.
// Backward  dbeta[c] += sum of dy;  dgamma[c] += sum of dy*h;  with g = gamma*dy  dx = r*(g - mean(g) - h*mean(g*h)),
//           means over the plane
// Edges     The same in training and inference; no running statistics. ONNX InstanceNormalization is affine, PyTorch's is not
//           unless asked. A plane of one pixel gives h = 0.
// Throws    ShapeError unless x has channels and pixels.
// Source    Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022; docs/derivations/row_norm.md
#pragma once

#include "fovea/layers/row_norm.h"

#pragma GCC visibility push(default)
namespace fovea {

struct InstanceNormOptions {
  double eps = 1e-5;
  bool affine = false;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("eps", o.eps, Between(0, 1));
    field("affine", o.affine, Any());
  }
};

class InstanceNorm final : public LayerOf<InstanceNorm, InstanceNormOptions> {
 public:
  static constexpr std::string_view kType = "instance_norm";
  explicit InstanceNorm(InstanceNormOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

 private:
  Rows RowsOf(const Shape& x) const;
};
extern template class LayerOf<InstanceNorm, InstanceNormOptions>;

}  // namespace fovea
#pragma GCC visibility pop
