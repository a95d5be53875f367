// Negative log likelihood of classes, on log-probabilities (a LogSoftmax gives them).
//   loss[n] = - sum over k of w[k]*t[n,k]*x[n,k];  w = class_weights, or 1; the target t of a label is 1 at its class
//   The sum over the batch is divided by sum over n of w[label n]; of targets that are shares of classes, by N.
// Shapes    x (N,K); N labels, or shares (N,K)
// Backward  dx[n,k] = -w[k]*t[n,k] / divisor
// Edges     A divisor of 0 gives NaN.
// Source    nll_loss of PyTorch with reduction="mean"
#pragma once

#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

struct NegativeLogLikelihoodOptions {
  std::vector<double> class_weights = {};

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("class_weights", o.class_weights, AtLeast(0));
  }
};

class NegativeLogLikelihood final : public LossOf<NegativeLogLikelihood, NegativeLogLikelihoodOptions> {
 public:
  static constexpr std::string_view kType = "negative_log_likelihood";
  static constexpr TargetKind kTargets = TargetKind::kClasses;
  explicit NegativeLogLikelihood(NegativeLogLikelihoodOptions options = {}) : LossOf(std::move(options)) {}

  std::span<const double> ClassWeights() const override { return options().class_weights; }

  // w[k]*t[k] of a class.
  template <class S>
  S Share(const Target<S>& target, int64_t k) const {
    const std::vector<double>& w = options().class_weights;
    return w.empty() ? target.Share(k) : static_cast<S>(w[static_cast<std::size_t>(k)]) * target.Share(k);
  }

  template <class S>
  S Row(const S* x, int64_t count, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const;
};
extern template class LossOf<NegativeLogLikelihood, NegativeLogLikelihoodOptions>;

}  // namespace fovea
#pragma GCC visibility pop
