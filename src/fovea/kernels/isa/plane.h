// Functions on planes: `pixels` blocks of 16 channels of type T, float or Bfloat16; all arithmetic is in single precision, a
// result is rounded once. Members of the table of an instruction set.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fovea/kernels/isa/bfloat16.h"

namespace fovea {

// A sliding window over a plane [h][w][16] with outputs [out_h][out_w][16].
struct PoolShape {
  int64_t h, w, out_h, out_w, kh, kw, sh, sw, pt, pl, pb, pr;
  bool count_include_pad;
};

// y = x where x > 0 or NaN, else slope*x (0 for slope 0); then cap where that is larger. A cap of NaN is none.
// Its gradient reads the sign of y, and is 0 at the cap.
struct Rectifier {
  float slope = 0, cap = __builtin_nanf("");
};

// What ends a convolution in an inference program: y = rectified(sum + bias + other), each where there is one. Of all blocks of
// channels, or of one.
struct Epilogue {
  const float* bias = nullptr;
  const float* other = nullptr;  // a map like y
  const Rectifier* rectifier = nullptr;
};

// y = fma(x - mean, scale, shift), rectified where there is a rectifier: of a block of channels, or of all.
struct Normalisation {
  const float *mean, *scale, *shift;
  const Rectifier* rectifier;
};

constexpr uint8_t kNoPlace = 255;  // so windows have at most 255 places

template <class T>
struct PlaneTable {
  // sum[l] += sum of x over the pixels.
  void (*sum)(const T* x, int64_t pixels, float* sum);
  // mean[l] = mean of x over the pixels, m2[l] = sum of (x - mean)^2.
  void (*statistics)(const T* x, int64_t pixels, float* mean, float* m2);
  // y = fma(x - mean, scale, shift) + other (which may be null), rectified when there is a rectifier.
  // `stream`: y, another buffer than x and other, goes past the caches.
  void (*normalise)(const Normalisation& norm, const T* x, const T* other, int64_t pixels, bool stream, T* y);
  // With g = dy, or the gradient of the rectifier by its input, made again from x: sum_dy[l] = sum of g,
  // sum_dyx[l] = sum of g*(x - mean).
  void (*normalise_sums)(const Normalisation& norm, const T* x, const T* dy, int64_t pixels, float* sum_dy,
                         float* sum_dyx);
  // dx (+)= fma(g, a, fma(x - mean, b, c)), g as above. dx may be dy.
  void (*normalise_backward)(const Normalisation& norm, const T* x, const T* dy, int64_t pixels,
                             const float* a, const float* b, const float* c, bool accumulate, T* dx);
  void (*rectify)(const T* x, int64_t pixels, const Rectifier* rectifier, T* y);
  // Without a rectifier dx (+)= dy.
  void (*rectify_backward)(const T* y, const T* dy, int64_t pixels, const Rectifier* rectifier,
                           bool accumulate, T* dx);
  // y = scale*x where keep is 1, else 0; y (+)= with accumulate.
  void (*drop)(const T* x, const uint8_t* keep, int64_t pixels, float scale, bool accumulate, T* y);
  // sum = a + b, rectified when there is a rectifier.
  void (*add)(const T* a, const T* b, int64_t pixels, const Rectifier* rectifier, T* sum);
  // The maximum of each window and its place in it, row by row; first of ties, first NaN. With a rectifier, of slope 0, the maximum
  // is rectified, and its place is kNoPlace where the rectifier passes no gradient.
  void (*max_pool)(const PoolShape& s, const T* x, const Rectifier* rectifier, T* y, uint8_t* place);
  // Adds to dx, since windows overlap.
  void (*max_pool_backward)(const PoolShape& s, const T* dy, const uint8_t* place, float* dx);
  void (*avg_pool)(const PoolShape& s, const T* x, T* y);
  void (*avg_pool_backward)(const PoolShape& s, const T* dy, float* dx);
  // y = x.
  void (*widen)(const T* x, int64_t pixels, float* y);
  void (*narrow)(const float* x, int64_t pixels, T* y);
};

}  // namespace fovea
