#include "fovea/layers/clip.h"

#include <algorithm>

namespace fovea {

template <class S>
Point<S> Clip::At(S x) const {
  const S high = static_cast<S>(options().max), low = std::min(static_cast<S>(options().min), high);
  if (x < low) return {low, S(0)};
  if (x > high) return {high, S(0)};
  return {x, S(options().min <= options().max ? 1 : 0)};
}

template class LayerOf<Clip, ClipOptions>;

}  // namespace fovea
