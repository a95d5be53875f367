// Layer normalisation over the channels of each pixel of blocked maps of T, float or Bfloat16. Members of the table of an instruction
// set.
#pragma once

#include <stdint.h>

namespace fovea {

struct ChannelNormShape {
  int64_t channels, pixels;  // of a whole image: its blocks are pixels*16 numbers apart
  float eps;
};

// Of every pixel: mean over its channels, r = 1/sqrt(mean of (x - mean)^2 + eps), h = (x - mean)*r;  y = fma(h, gamma, beta).
// gamma and beta have 0 in the lanes behind the last channel.
template <class T>
struct ChannelNormTable {
  // `count` pixels from x on. y may be x.
  void (*forward)(const ChannelNormShape& shape, const float* gamma, const float* beta, const T* x,
                  int64_t count, T* y, float* mean, float* r);
  // dx (+)= r*(g - mean of g - h*mean of g*h) with g = gamma*dy, unless dx is null; it may be dy.
  // sum_dy[c] += dy and sum_dyh[c] += dy*h, pixel by pixel, of all lanes.
  void (*backward)(const ChannelNormShape& shape, const float* gamma, const T* x, const T* dy, int64_t count,
                   const float* mean, const float* r, bool accumulate, T* dx, float* sum_dy, float* sum_dyh);
};

}  // namespace fovea
