#include "fovea/layers/relu.h"

namespace fovea {

// "not x <= 0" keeps a NaN where "x > 0" would hide it.
template <class S>
void Relu::Forward(const ForwardCall<S>& call) const {
  for (int64_t i = 0; i < call.y.size(); i++) call.y[i] = !(call.x[0][i] <= S(0)) ? call.x[0][i] : S(0);
}

template <class S>
void Relu::Backward(const BackwardCall<S>& call) const {
  if (!call.dx[0].present()) return;
  for (int64_t i = 0; i < call.dy.size(); i++) call.dx[0][i] = !(call.x[0][i] <= S(0)) ? call.dy[i] : S(0);
}

template class LayerOf<Relu, NoOptions>;

}  // namespace fovea
