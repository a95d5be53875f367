// Planes whose numbers are weighted sums of another plane's, the rows and the columns each by themselves. A member of the table of
// an instruction set.
#pragma once

#include <stdint.h>

#include "fovea/kernels/isa/bfloat16.h"

namespace fovea {

// Place p of `places` reads the places at[t] of the other side, with weight[t], for start[p] <= t < start[p+1].
struct AxisMix {
  int64_t places;
  const int32_t *start, *at;
  const float* weight;
};

struct PlaneMix {
  AxisMix rows, columns;
  int64_t width;  // of the plane that is read
};

// y[p,q] (+)= sum over the taps a of row p, then b of column q, of (weight[a]*weight[b]) * x[at[a], at[b]]: one sequential chain of
// fused steps.
template <class T>
using MixFn = void (*)(const PlaneMix& mix, const T* x, bool accumulate, T* y);

}  // namespace fovea
