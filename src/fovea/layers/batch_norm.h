// Batch normalisation: per channel of a map over m = N*H*W values, or per feature of (N,C) over m = N values.
//   mu = mean(x), var = mean((x - mu)^2), r = 1/sqrt(var + eps), h = (x - mu)*r;  y = gamma*h + beta
//   Inference uses the running mean and variance in place of mu and var.
// Shapes    x, y (N,C,H,W) or (N,C); gamma "weight", beta "bias", running_mean, running_var (C)
// State     running_mean += momentum*(mu - running_mean); running_var likewise with the unbiased var*m/(m-1).
//           momentum is the weight of the NEW value, as in PyTorch; Darknet, Caffe, Keras and CS231n state
//           the weight of the old one (0.99, 0.999, 0.99, 0.9).
// Saves     mu, r (C each); h is recomputed, not stored.
// Backward  dbeta += sum(dy);  dgamma += sum(dy*h);  dx = gamma*r*(dy - mean(dy) - h*mean(dy*h))
// Frozen    (also in inference mode) running statistics are constants and do not change: dx = gamma*r*dy
// Edges     Two passes over x: never mean(x^2) - mean(x)^2. A constant channel gives h = 0.
// Throws    ShapeError when training with m < 2.
// Source    Ioffe & Szegedy 2015, arXiv:1502.03167; docs/derivations/batch_norm.md
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  bool frozen = false;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("eps", o.eps, Between(0, 1));
    field("momentum", o.momentum, Between(0, 1));
    field("frozen", o.frozen, Any());
  }
};

class BatchNorm final : public LayerOf<BatchNorm, BatchNormOptions> {
 public:
  static constexpr std::string_view kType = "batch_norm";
  explicit BatchNorm(BatchNormOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> State(std::span<const Shape> x) const override;

  // Whether a call in this mode takes its statistics from the batch.
  bool UsesBatch(Mode mode) const { return mode == Mode::kTraining && !options().frozen; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<BatchNorm, BatchNormOptions>;

}  // namespace fovea
#pragma GCC visibility pop
