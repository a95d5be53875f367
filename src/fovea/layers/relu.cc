#include "fovea/layers/relu.h"

namespace fovea {

// "not x <= 0" keeps a NaN where "x > 0" would hide it.
template <class S>
Point<S> Relu::At(S x) const {
  return !(x <= S(0)) ? Point<S>{x, S(1)} : Point<S>{S(0), S(0)};
}

template class LayerOf<Relu, NoOptions>;

}  // namespace fovea
