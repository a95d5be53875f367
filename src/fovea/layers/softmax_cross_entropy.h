// Softmax followed by cross-entropy, on raw scores.
//   t = (1 - e)*target + e/K,  e = label_smoothing; the target of a label is 1 at its class
//   loss[n] = sum over k of w[k]*t[k]*(log(sum over j of exp(x[n,j])) - x[n,k]);  w = class_weights, or 1
//   The sum over the batch is divided by sum over n of w[label n]; of targets that are shares of classes, by N.
// Shapes    x (N,K); N labels, or shares (N,K), which need not sum to 1
// Backward  dx[n,k] = (softmax(x[n])[k]*(sum over j of w[j]*t[j]) - w[k]*t[k]) / divisor
// Edges     The maximum is subtracted first: no overflow for any finite x. A divisor of 0 gives NaN.
// Source    Szegedy et al. 2016, arXiv:1512.00567 (smoothing); cross_entropy of PyTorch with reduction="mean"
#pragma once

#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

struct SoftmaxCrossEntropyOptions {
  double label_smoothing = 0;
  std::vector<double> class_weights = {};

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("label_smoothing", o.label_smoothing, Between(0, 1));
    field("class_weights", o.class_weights, AtLeast(0));
  }
};

class SoftmaxCrossEntropy final : public LossOf<SoftmaxCrossEntropy, SoftmaxCrossEntropyOptions> {
 public:
  static constexpr std::string_view kType = "softmax_cross_entropy";
  static constexpr TargetKind kTargets = TargetKind::kClasses;
  explicit SoftmaxCrossEntropy(SoftmaxCrossEntropyOptions options = {}) : LossOf(std::move(options)) {}

  std::span<const double> ClassWeights() const override { return options().class_weights; }

  // w[k]*t[k] of a class.
  template <class S>
  S Share(const Target<S>& target, int64_t classes, int64_t k) const {
    const S e = static_cast<S>(options().label_smoothing);
    const S share = (S(1) - e) * target.Share(k) + e / static_cast<S>(static_cast<double>(classes));
    const std::vector<double>& w = options().class_weights;
    return w.empty() ? share : static_cast<S>(w[static_cast<std::size_t>(k)]) * share;
  }

  template <class S>
  S Row(const S* x, int64_t classes, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t classes, const Target<S>& target, S* dx) const;
};
extern template class LossOf<SoftmaxCrossEntropy, SoftmaxCrossEntropyOptions>;

}  // namespace fovea
#pragma GCC visibility pop
