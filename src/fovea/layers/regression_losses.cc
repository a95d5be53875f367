#include "fovea/layers/regression_losses.h"

#include "fovea/layers/logistic.h"

namespace fovea {
namespace {

// The mean over a sample of loss(d), and of its slope.
template <class S, class Of>
S Average(const S* x, int64_t count, const Target<S>& target, const Of& loss) {
  S sum(0);
  for (int64_t k = 0; k < count; k++) sum += loss(x[k] - target.values[k]);
  return sum / static_cast<S>(static_cast<double>(count));
}
template <class S, class Of>
void AverageSlope(const S* x, int64_t count, const Target<S>& target, S* dx, const Of& slope) {
  const S share = S(1) / static_cast<S>(static_cast<double>(count));
  for (int64_t k = 0; k < count; k++) dx[k] = slope(x[k] - target.values[k]) * share;
}

}  // namespace

template <class S>
S MeanSquaredError::Row(const S* x, int64_t count, const Target<S>& target) const {
  return Average(x, count, target, [](S d) { return d * d; });
}
template <class S>
void MeanSquaredError::RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const {
  AverageSlope(x, count, target, dx, [](S d) { return d + d; });
}

template <class S>
S MeanAbsoluteError::Row(const S* x, int64_t count, const Target<S>& target) const {
  return Average(x, count, target, Magnitude<S>);
}
template <class S>
void MeanAbsoluteError::RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const {
  AverageSlope(x, count, target, dx, [](S d) { return d > S(0) ? S(1) : d < S(0) ? S(-1) : S(0) * d; });
}

template <class S>
S Huber::Row(const S* x, int64_t count, const Target<S>& target) const {
  const S delta = static_cast<S>(options().delta);
  return Average(x, count, target, [delta](S d) {
    const S size = Magnitude(d);
    return size > delta ? delta * (size - S(0.5) * delta) : S(0.5) * d * d;
  });
}
template <class S>
void Huber::RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const {
  const S delta = static_cast<S>(options().delta);
  AverageSlope(x, count, target, dx, [delta](S d) { return d > delta ? delta : d < -delta ? -delta : d; });
}

template class LossOf<MeanSquaredError, NoOptions>;
template class LossOf<MeanAbsoluteError, NoOptions>;
template class LossOf<Huber, HuberOptions>;

}  // namespace fovea
