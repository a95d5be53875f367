#include "fovea/layers/elementary.h"

namespace fovea {

template <class S>
Point<S> Exponential::At(S x) const {
  const S e = Exp(x);
  return {e, e};
}

template <class S>
Point<S> Logarithm::At(S x) const {
  return {Log(x), S(1) / x};
}

template <class S>
Point<S> SquareRoot::At(S x) const {
  const S root = Sqrt(x);
  return {root, S(0.5) / root};
}

template <class S>
Point<S> AbsoluteValue::At(S x) const {
  if (x == S(0)) return {S(0), S(0)};
  return x < S(0) ? Point<S>{-x, S(-1)} : Point<S>{x, S(1)};
}

template <class S>
Point<S> Negative::At(S x) const {
  return {-x, S(-1)};
}

template <class S>
Point<S> Reciprocal::At(S x) const {
  const S y = S(1) / x;
  return {y, -y * y};
}

template class LayerOf<Exponential, NoOptions>;
template class LayerOf<Logarithm, NoOptions>;
template class LayerOf<SquareRoot, NoOptions>;
template class LayerOf<AbsoluteValue, NoOptions>;
template class LayerOf<Negative, NoOptions>;
template class LayerOf<Reciprocal, NoOptions>;

}  // namespace fovea
