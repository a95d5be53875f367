// Softmax followed by cross-entropy, on raw scores.
//   t[k] = (1 - e)*1{k = label} + e/K,  e = label_smoothing
//   loss[n] = log(sum over j of exp(x[n,j])) - sum over k of t[k]*x[n,k];  the batch mean is returned
// Shapes    x (N,K), N labels
// Backward  dx[n,k] = (softmax(x[n])[k] - t[k]) / N
// Edges     The maximum is subtracted first: no overflow for any finite x.
// Source    Szegedy et al. 2016, arXiv:1512.00567 (smoothing)
#pragma once

#include "fovea/layers/loss.h"

namespace fovea {

struct SoftmaxCrossEntropyOptions {
  double label_smoothing = 0;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("label_smoothing", o.label_smoothing, Between(0, 1));
  }
};

class SoftmaxCrossEntropy final : public LossOf<SoftmaxCrossEntropy, SoftmaxCrossEntropyOptions> {
 public:
  static constexpr std::string_view kType = "softmax_cross_entropy";
  explicit SoftmaxCrossEntropy(SoftmaxCrossEntropyOptions options = {}) : LossOf(options) {}

  template <class S>
  S Row(const S* x, int64_t classes, int32_t label) const;
  template <class S>
  void RowGradient(const S* x, int64_t classes, int32_t label, S* dx) const;
};
extern template class LossOf<SoftmaxCrossEntropy, SoftmaxCrossEntropyOptions>;

}  // namespace fovea
