#include "fovea/layers/softmax_cross_entropy.h"

#include "fovea/layers/softmax.h"

namespace fovea {

template <class S>
S SoftmaxCrossEntropy::Row(const S* x, int64_t classes, int32_t label) const {
  const S e = static_cast<S>(options().label_smoothing),
          share = e / static_cast<S>(static_cast<double>(classes));
  S top = x[0], sum(0), mean(0);
  for (int64_t k = 1; k < classes; k++) top = x[k] > top ? x[k] : top;
  for (int64_t k = 0; k < classes; k++) {
    sum += Exp(x[k] - top);
    mean += share * (x[k] - top);
  }
  return Log(sum) - (S(1) - e) * (x[label] - top) - mean;
}

template <class S>
void SoftmaxCrossEntropy::RowGradient(const S* x, int64_t classes, int32_t label, S* dx) const {
  const S e = static_cast<S>(options().label_smoothing),
          share = e / static_cast<S>(static_cast<double>(classes));
  SoftmaxRow(x, classes, dx);
  for (int64_t k = 0; k < classes; k++) dx[k] -= share;
  dx[label] -= S(1) - e;
}

template class LossOf<SoftmaxCrossEntropy, SoftmaxCrossEntropyOptions>;

}  // namespace fovea
