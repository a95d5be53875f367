#include "fovea/layers/leaky_relu.h"

namespace fovea {

template <class S>
void LeakyRelu::Forward(const ForwardCall<S>& call) const {
  const S slope = static_cast<S>(options().slope);
  for (int64_t i = 0; i < call.y.size(); i++) {
    const S& x = call.x[0][i];
    call.y[i] = x > S(0) ? x : slope * x;
  }
}

template <class S>
void LeakyRelu::Backward(const BackwardCall<S>& call) const {
  if (!call.dx[0].present()) return;
  const S slope = static_cast<S>(options().slope);
  for (int64_t i = 0; i < call.dy.size(); i++) {
    call.dx[0][i] = call.x[0][i] > S(0) ? call.dy[i] : slope * call.dy[i];
  }
}

template class LayerOf<LeakyRelu, LeakyReluOptions>;

}  // namespace fovea
