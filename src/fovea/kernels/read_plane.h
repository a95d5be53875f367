// Planes of maps that are read through a normalisation.
#pragma once

#include "fovea/kernels/isa/table.h"

namespace fovea {

// Plane i of x, of images of `blocks` planes of `pixels` blocks of 16 channels. Where there is a normalisation, of all channels, it
// is what that gives, in the worker's place of `rooms`, pixels*16 floats each.
template <class T>
const T* ReadPlane(const KernelTable& table, const Normalisation* norm, const T* x, int64_t i, int64_t blocks,
                   int64_t pixels, float* rooms, int worker) {
  const T* plane = x + i * pixels * 16;
  if (norm == nullptr) return plane;
  const int64_t c = i % blocks * 16;
  T* normal = reinterpret_cast<T*>(rooms + worker * pixels * 16);
  table.maps<T>().plane.normalise({norm->mean + c, norm->scale + c, norm->shift + c, norm->rectifier}, plane,
                                  nullptr, pixels, false, normal);
  return normal;
}

}  // namespace fovea
