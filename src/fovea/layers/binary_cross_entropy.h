// Binary cross-entropy of every element, on raw scores: classes that do not exclude one another.
//   loss[n] = mean over k of (p[k]*t*log(1 + exp(-x)) + (1 - t)*log(1 + exp(x))),  t = target[n,k], x = x[n,k]
//   p = pos_weight, one number for all elements or one for each of a sample, or 1: how much a t of 1 counts beside a t of 0
// Shapes    x, target (N,...)
// Backward  dx[n,k] = ((1 - t)*s - p[k]*t*(1 - s)) / (N*K),  s = 1/(1 + exp(-x))
// Edges     No overflow for any finite x.
// Source    binary_cross_entropy_with_logits of PyTorch with reduction="mean"
#pragma once

#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

struct BinaryCrossEntropyOptions {
  std::vector<double> pos_weight = {};

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("pos_weight", o.pos_weight, AtLeast(0));
  }
};

class BinaryCrossEntropy final : public LossOf<BinaryCrossEntropy, BinaryCrossEntropyOptions> {
 public:
  static constexpr std::string_view kType = "binary_cross_entropy";
  static constexpr TargetKind kTargets = TargetKind::kValues;
  explicit BinaryCrossEntropy(BinaryCrossEntropyOptions options = {}) : LossOf(std::move(options)) {}

  // What a positive element k of `count` counts.
  template <class S>
  S PosWeight(int64_t k, int64_t count) const {
    const std::vector<double>& p = options().pos_weight;
    if (p.empty()) return S(1);
    if (p.size() > 1) CheckWeights("pos_weight", p, count);
    return static_cast<S>(p[p.size() > 1 ? static_cast<std::size_t>(k) : 0]);
  }

  template <class S>
  S Row(const S* x, int64_t count, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const;
};
extern template class LossOf<BinaryCrossEntropy, BinaryCrossEntropyOptions>;

}  // namespace fovea
#pragma GCC visibility pop
