#include "fovea/layers/relu6.h"

namespace fovea {
namespace {

constexpr double kTop = 6;

}  // namespace

// Comparisons that are false for a NaN let it through.
template <class S>
void Relu6::Forward(const ForwardCall<S>& call) const {
  for (int64_t i = 0; i < call.y.size(); i++) {
    const S& x = call.x[0][i];
    call.y[i] = x <= S(0) ? S(0) : x >= S(kTop) ? S(kTop) : x;
  }
}

template <class S>
void Relu6::Backward(const BackwardCall<S>& call) const {
  if (!call.dx[0].present()) return;
  for (int64_t i = 0; i < call.dy.size(); i++) {
    const S& x = call.x[0][i];
    call.dx[0][i] = x <= S(0) || x >= S(kTop) ? S(0) : call.dy[i];
  }
}

template class LayerOf<Relu6, NoOptions>;

}  // namespace fovea
