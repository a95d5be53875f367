// Which number wins where the largest or smallest of several is wanted.
#pragma once

#include "fovea/tensor/dual.h"

namespace fovea {

// Whether v takes the place of `best`: it is larger, or the first NaN.
template <class S>
bool Exceeds(const S& v, const S& best) {
  return !IsNan(best) && !(v <= best);
}

}  // namespace fovea
