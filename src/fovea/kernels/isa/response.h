// Local response normalisation of blocked maps, one column of channels at a time. Members of the table of an instruction set.
#pragma once

#include <stdint.h>

namespace fovea {

// s = bias + share * (sum of x^2 over the channels from c - before to c + after);  y = x * s^-beta
struct ResponseShape {
  int64_t blocks, pixels;  // of a whole image: its blocks are pixels*16 numbers apart
  int64_t before, after;
  float bias, share, beta;

  int64_t Column() const { return before + blocks * 16 + after; }
};

struct ResponseTable {
  // `count` pixels from x on; scratch of one column.
  void (*forward)(const ResponseShape& shape, const float* x, int64_t count, float* scratch, float* y);
  // dx (+)= ..., scratch of three columns. layers/local_response_norm.h has the equation.
  void (*backward)(const ResponseShape& shape, const float* x, const float* dy, int64_t count,
                   bool accumulate, float* scratch, float* dx);
};

}  // namespace fovea
