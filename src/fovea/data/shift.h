// An image moved within its frame: shifted, then mirrored left and right.
#pragma once

#include <cstdint>

#include "fovea/tensor/shape.h"

#pragma GCC visibility push(default)
namespace fovea {

// y[c,h,w] = x[c, h + dy, w + dx], of a mirrored one x[c, h + dy, W-1 - (w + dx)]. What lies outside x is 0, or with
// `reflect` the image mirrored at its edge pixels, which are not repeated: -1 shows 1.
struct Shift {
  int64_t dy = 0, dx = 0;
  bool mirror = false, reflect = false;
};

// Images (C,H,W) of bytes or floats.
void ShiftImage(const Shift& shift, const Shape& shape, const uint8_t* x, uint8_t* y);
void ShiftImage(const Shift& shift, const Shape& shape, const float* x, float* y);

}  // namespace fovea
#pragma GCC visibility pop
