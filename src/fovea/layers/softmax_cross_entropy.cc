#include "fovea/layers/softmax_cross_entropy.h"

#include "fovea/layers/softmax.h"

namespace fovea {

template <class S>
S SoftmaxCrossEntropy::Row(const S* x, int64_t classes, const Target<S>& target) const {
  S top = x[0], sum(0), loss(0);
  for (int64_t k = 1; k < classes; k++) top = x[k] > top ? x[k] : top;
  for (int64_t k = 0; k < classes; k++) sum += Exp(x[k] - top);
  const S log = Log(sum);
  for (int64_t k = 0; k < classes; k++) {
    const S share = Share(target, classes, k);
    if (share != S(0)) loss += share * (log - (x[k] - top));  // else x may be -infinity
  }
  return loss;
}

template <class S>
void SoftmaxCrossEntropy::RowGradient(const S* x, int64_t classes, const Target<S>& target, S* dx) const {
  S whole(0);
  for (int64_t k = 0; k < classes; k++) whole += Share(target, classes, k);
  SoftmaxRow(x, classes, dx);
  for (int64_t k = 0; k < classes; k++) dx[k] = dx[k] * whole - Share(target, classes, k);
}

template class LossOf<SoftmaxCrossEntropy, SoftmaxCrossEntropyOptions>;

}  // namespace fovea
