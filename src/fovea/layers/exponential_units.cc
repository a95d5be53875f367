#include "fovea/layers/exponential_units.h"

namespace fovea {
namespace {

// above*x, and below 0 height*(exp(rate*x) - 1).
template <class S>
Point<S> Unit(S x, double above, double height, double rate) {
  if (x > S(0)) return {static_cast<S>(above) * x, static_cast<S>(above)};
  const S u = static_cast<S>(rate) * x;
  return {static_cast<S>(height) * Expm1(u), static_cast<S>(height * rate) * Exp(u)};
}

}  // namespace

template <class S>
Point<S> Elu::At(S x) const {
  return Unit(x, 1, options().alpha, 1);
}

template <class S>
Point<S> Selu::At(S x) const {
  return Unit(x, options().gamma, options().gamma * options().alpha, 1);
}

template <class S>
Point<S> Celu::At(S x) const {
  return Unit(x, 1, options().alpha, 1 / options().alpha);
}

template class LayerOf<Elu, EluOptions>;
template class LayerOf<Selu, SeluOptions>;
template class LayerOf<Celu, CeluOptions>;

}  // namespace fovea
