// Functions on rows of scores. Members of the table of an instruction set.
#pragma once

#include <stdint.h>

namespace fovea {

struct RowTable {
  // top = max x, sum = sum of exp(x - top), y = exp(x - top) / sum. count >= 1; y may be x. A NaN makes sum and
  // y NaN.
  void (*softmax)(const float* x, int64_t count, float* y, float* top, float* sum);
  // dx = y * (dy - sum of dy*y); dx may be y or dy.
  void (*softmax_backward)(const float* y, const float* dy, int64_t count, float* dx);
  // With t = x - top + margin: gate = 1 where t > 0 or NaN, else 0; sum = sum of the t so marked, gates = sum of gate.
  void (*hinge)(const float* x, int64_t count, float top, float margin, float* gate, float* sum,
                float* gates);
  // y[i] = exp(x[i]), within 2 units in the last place; 0 below -104, infinity above 89. count a multiple of 16.
  void (*exp)(const float* x, int64_t count, float* y);
};

}  // namespace fovea
