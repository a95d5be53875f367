#include "fovea/layers/binary_cross_entropy.h"

#include "fovea/layers/logistic.h"

namespace fovea {

template <class S>
S BinaryCrossEntropy::Row(const S* x, int64_t count, const Target<S>& target) const {
  S sum(0);
  for (int64_t k = 0; k < count; k++) {
    const S& t = target.values[k];
    sum += PosWeight<S>(k, count) * t * LogOnePlusExp(-x[k]) + (S(1) - t) * LogOnePlusExp(x[k]);
  }
  return sum / static_cast<S>(static_cast<double>(count));
}

template <class S>
void BinaryCrossEntropy::RowGradient(const S* x, int64_t count, const Target<S>& target, S* dx) const {
  const S share = S(1) / static_cast<S>(static_cast<double>(count));
  for (int64_t k = 0; k < count; k++) {
    const S& t = target.values[k];
    dx[k] = ((S(1) - t) * Logistic(x[k]) - PosWeight<S>(k, count) * t * Logistic(-x[k])) * share;
  }
}

template class LossOf<BinaryCrossEntropy, BinaryCrossEntropyOptions>;

}  // namespace fovea
