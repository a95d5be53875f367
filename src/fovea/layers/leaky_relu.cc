#include "fovea/layers/leaky_relu.h"

namespace fovea {

template <class S>
Point<S> LeakyRelu::At(S x) const {
  const S slope = static_cast<S>(options().slope);
  return x > S(0) ? Point<S>{x, S(1)} : Point<S>{slope * x, slope};
}

template class LayerOf<LeakyRelu, LeakyReluOptions>;

}  // namespace fovea
