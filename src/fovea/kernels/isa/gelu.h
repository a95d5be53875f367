// The Gaussian error linear unit on blocks of 16 floats (layers/gelu.h has its two forms). Members of the table of an
// instruction set. x is in single precision, the other maps are of T.
#pragma once

#include <stdint.h>

#include "fovea/kernels/isa/bfloat16.h"

namespace fovea {

template <class T>
struct GeluTable {
  // y = x * share(x), the share with an error of (8 + x^2/2) 2^-24 of itself in the exact form, three times that far out
  // in the tanh form.
  // `stream`: y, another buffer than x, goes past the caches.
  void (*forward)(const float* x, int64_t blocks, bool tanh_form, bool stream, T* y);
  // dx (+)= dy * (share(x) + x * share'(x)); dx may be dy.
  void (*backward)(const float* x, const T* dy, int64_t blocks, bool tanh_form, bool accumulate, T* dx);
};

}  // namespace fovea
