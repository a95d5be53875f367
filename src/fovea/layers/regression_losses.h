// Losses of values, element by element, with d = x[n,k] - target[n,k] and loss[n] the mean over k.
//
// MeanSquaredError  d^2;  dx = 2*d / (N*K)
// MeanAbsoluteError |d|, the L1 loss;  dx = sign(d) / (N*K)
// Huber             d^2/2 where |d| <= delta, else delta*(|d| - delta/2);  dx = min(max(d, -delta), delta) / (N*K)
//                   The smooth L1 loss of PyTorch with beta is this with delta = beta, divided by beta.
// Shapes  x, target (N,...)
// Edges   At d = 0 the gradient of |d| is 0. A NaN shows.
// Source  Huber 1964; mse_loss, l1_loss and huber_loss of PyTorch with reduction="mean"
#pragma once

#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

class MeanSquaredError final : public LossOf<MeanSquaredError, NoOptions> {
 public:
  static constexpr std::string_view kType = "mean_squared_error";
  static constexpr TargetKind kTargets = TargetKind::kValues;
  explicit MeanSquaredError(NoOptions options = {}) : LossOf(options) {}

  template <class S>
  S Row(const S* x, int64_t count, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const;
};
extern template class LossOf<MeanSquaredError, NoOptions>;

class MeanAbsoluteError final : public LossOf<MeanAbsoluteError, NoOptions> {
 public:
  static constexpr std::string_view kType = "mean_absolute_error";
  static constexpr TargetKind kTargets = TargetKind::kValues;
  explicit MeanAbsoluteError(NoOptions options = {}) : LossOf(options) {}

  template <class S>
  S Row(const S* x, int64_t count, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const;
};
extern template class LossOf<MeanAbsoluteError, NoOptions>;

struct HuberOptions {
  double delta = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("delta", o.delta, Between(1e-12, 1e12));
  }
};

class Huber final : public LossOf<Huber, HuberOptions> {
 public:
  static constexpr std::string_view kType = "huber";
  static constexpr TargetKind kTargets = TargetKind::kValues;
  explicit Huber(HuberOptions options = {}) : LossOf(options) {}

  template <class S>
  S Row(const S* x, int64_t count, const Target<S>& target) const;
  template <class S>
  void RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const;
};
extern template class LossOf<Huber, HuberOptions>;

}  // namespace fovea
#pragma GCC visibility pop
