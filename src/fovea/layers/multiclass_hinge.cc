#include "fovea/layers/multiclass_hinge.h"

namespace fovea {

template <class S>
S MulticlassHinge::Row(const S* x, int64_t classes, const Target<S>& target) const {
  const S margin = static_cast<S>(options().margin);
  const int32_t label = target.label;
  S sum(0);
  for (int64_t k = 0; k < classes; k++) {
    const S term = x[k] - x[label] + margin;
    if (k != label && !(term <= S(0))) sum += term;
  }
  return sum;
}

template <class S>
void MulticlassHinge::RowGradient(const S* x, int64_t classes, const Target<S>& target, S* dx) const {
  const S margin = static_cast<S>(options().margin);
  const int32_t label = target.label;
  dx[label] = S(0);
  for (int64_t k = 0; k < classes; k++) {
    if (k == label) continue;
    const bool counts = !(x[k] - x[label] + margin <= S(0));
    dx[k] = counts ? S(1) : S(0);
    dx[label] -= dx[k];
  }
}

template class LossOf<MulticlassHinge, MulticlassHingeOptions>;

}  // namespace fovea
