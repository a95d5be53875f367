#include "fovea/layers/relu6.h"

namespace fovea {

// Comparisons that are false for a NaN let it through.
template <class S>
Point<S> Relu6::At(S x) const {
  if (x <= S(0)) return {S(0), S(0)};
  if (x >= S(6)) return {S(6), S(0)};
  return {x, S(1)};
}

template class LayerOf<Relu6, NoOptions>;

}  // namespace fovea
