#include "fovea/layers/gated_units.h"

#include "fovea/layers/logistic.h"

namespace fovea {

template <class S>
Point<S> Silu::At(S x) const {
  const S share = Logistic(x);
  return {x * share, share + x * LogisticSlope(x)};
}

template <class S>
Point<S> Mish::At(S x) const {
  const S share = Tanh(LogOnePlusExp(x));
  return {x * share, share + x * (S(1) - share * share) * Logistic(x)};
}

template <class S>
Point<S> Hardswish::At(S x) const {
  if (x <= S(-3)) return {S(0), S(0)};
  if (x >= S(3)) return {x, S(1)};
  return {x * (x + S(3)) / S(6), x / S(3) + S(0.5)};
}

template class LayerOf<Silu, NoOptions>;
template class LayerOf<Mish, NoOptions>;
template class LayerOf<Hardswish, NoOptions>;

}  // namespace fovea
