#include "fovea/layers/softplus.h"

#include "fovea/layers/logistic.h"

namespace fovea {

template <class S>
Point<S> Softplus::At(S x) const {
  const S beta = static_cast<S>(options().beta), u = beta * x;
  if (u > static_cast<S>(options().threshold)) return {x, S(1)};
  return {LogOnePlusExp(u) / beta, Logistic(u)};
}

template <class S>
Point<S> LogSigmoid::At(S x) const {
  return {-LogOnePlusExp(-x), Logistic(-x)};
}

template class LayerOf<Softplus, SoftplusOptions>;
template class LayerOf<LogSigmoid, NoOptions>;

}  // namespace fovea
