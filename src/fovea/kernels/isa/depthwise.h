// Depthwise convolution on planes. Members of the table of an instruction set.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fovea/kernels/isa/plane.h"

namespace fovea {

// Output (p, q) reads source rows p*sh + row[r] and columns q*sw + col[s], where they lie inside the plane.
struct DepthwisePass {
  const int64_t *row, *col;
  int64_t rows, cols;  // how many taps
  int64_t h, w;        // of the source
  int64_t out_h, out_w;
  int64_t sh, sw;
  ptrdiff_t y_row, y_col;      // numbers from an output to the one below and to the one at its right
  bool stream;                 // y had better go past the caches
  ptrdiff_t ahead;             // numbers from what is read to what is fetched into the caches meanwhile, or 0
  const Rectifier* rectifier;  // of y, or null
};

// Of maps of T, float or Bfloat16.
template <class T>
struct DepthwiseTable {
  // y = bias (or 0) + sum over r, s in order of weights[r][s] * x: one chain of fused steps; then the rectifier.
  void (*run)(const DepthwisePass& pass, const T* x, const float* weights, const float* bias, T* y);
  // dw[r][s] += sum over p, q of dy * x; dy is dense, [out_h][out_w][16].
  void (*weights)(const DepthwisePass& pass, const T* x, const T* dy, float* dw);
};

}  // namespace fovea
