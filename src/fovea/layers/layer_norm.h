// Layer normalisation: over the last axes of each sample.
//   mu, var over the m numbers that share all indices but those of the last axes, r = 1/sqrt(var + eps), h = (x - mu)*r
//   y = gamma*h + beta, gamma and beta one for each place in the last axes
// Shapes    x, y (N, ..., shape); gamma "weight" and beta "bias" of `shape`, none unless affine
// Options   shape: the extents of the last axes: [C, H, W] of a map, [C] of features or of a map as NHWC
// Saves     nothing beyond x.
// Backward  dbeta += sum of dy;  dgamma += sum of dy*h;  with g = gamma*dy  dx = r*(g - mean(g) - h*mean(g*h))
// Edges     The same in training and inference. Two passes over x. Equal numbers give h = 0.
// Throws    ShapeError unless `shape` is the end of x's, behind the batch.
// Source    Ba, Kiros & Hinton 2016, arXiv:1607.06450; docs/derivations/row_norm.md
#pragma once

#include "fovea/layers/row_norm.h"

#pragma GCC visibility push(default)
namespace fovea {

struct LayerNormOptions {
  std::vector<int64_t> shape = {};
  double eps = 1e-5;
  bool affine = true;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("shape", o.shape, AtLeast(1));
    field("eps", o.eps, Between(0, 1));
    field("affine", o.affine, Any());
  }
};

class LayerNorm final : public LayerOf<LayerNorm, LayerNormOptions> {
 public:
  static constexpr std::string_view kType = "layer_norm";
  using LayerOf::LayerOf;

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

 private:
  Rows RowsOf(const Shape& x) const;
};
extern template class LayerOf<LayerNorm, LayerNormOptions>;

}  // namespace fovea
#pragma GCC visibility pop
