#include "fovea/layers/flatten.h"

namespace fovea {

template <class S>
void Flatten::Forward(const ForwardCall<S>& call) const {
  std::copy(call.x[0].values().begin(), call.x[0].values().end(), call.y.data());
}

template <class S>
void Flatten::Backward(const BackwardCall<S>& call) const {
  if (call.dx[0].present()) std::copy(call.dy.values().begin(), call.dy.values().end(), call.dx[0].data());
}

template class LayerOf<Flatten, NoOptions>;

}  // namespace fovea
