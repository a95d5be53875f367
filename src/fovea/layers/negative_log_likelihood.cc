#include "fovea/layers/negative_log_likelihood.h"

namespace fovea {

// A class without a share does not count, even where its logarithm is -infinity.
template <class S>
S NegativeLogLikelihood::Row(const S* x, int64_t count, const Target<S>& target) const {
  S loss(0);
  for (int64_t k = 0; k < count; k++) {
    const S share = Share(target, k);
    if (share != S(0)) loss -= share * x[k];
  }
  return loss;
}

template <class S>
void NegativeLogLikelihood::RowGradient(const S*, int64_t count, const Target<S>& target, S* dx) const {
  for (int64_t k = 0; k < count; k++) dx[k] = -Share(target, k);
}

template class LossOf<NegativeLogLikelihood, NegativeLogLikelihoodOptions>;

}  // namespace fovea
