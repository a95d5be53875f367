#include "fovea/layers/sigmoids.h"

#include "fovea/layers/logistic.h"

namespace fovea {

template <class S>
Point<S> Sigmoid::At(S x) const {
  return {Logistic(x), LogisticSlope(x)};
}

template <class S>
Point<S> HyperbolicTangent::At(S x) const {
  const S t = Tanh(x);
  return {t, S(1) - t * t};
}

template <class S>
Point<S> Hardsigmoid::At(S x) const {
  const S alpha = static_cast<S>(options().alpha), line = alpha * x + static_cast<S>(options().beta);
  if (line <= S(0)) return {S(0), S(0)};
  if (line >= S(1)) return {S(1), S(0)};
  return {line, alpha};
}

template <class S>
Point<S> Softsign::At(S x) const {
  const S d = S(1) + Magnitude(x);
  return {x / d, S(1) / (d * d)};
}

template class LayerOf<Sigmoid, NoOptions>;
template class LayerOf<HyperbolicTangent, NoOptions>;
template class LayerOf<Hardsigmoid, HardsigmoidOptions>;
template class LayerOf<Softsign, NoOptions>;

}  // namespace fovea
