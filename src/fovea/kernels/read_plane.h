// Planes of maps that are read through a normalisation.
#pragma once

#include "fovea/kernels/isa/table.h"

namespace fovea {

// That of the channels from c on.
inline Normalisation FromChannel(const Normalisation& norm, int64_t c) {
  return {norm.mean + c, norm.scale + c, norm.shift + c, norm.rectifier};
}

// Plane i of x, of images of `blocks` planes of `pixels` blocks of 16 channels. Where there is a normalisation, of all channels, it
// is what that gives, in the worker's place of `rooms`, pixels*16 floats each.
template <class T>
const T* ReadPlane(const KernelTable& table, const Normalisation* norm, const T* x, int64_t i, int64_t blocks,
                   int64_t pixels, float* rooms, int worker) {
  const T* plane = x + i * pixels * 16;
  if (norm == nullptr) return plane;
  T* normal = reinterpret_cast<T*>(rooms + worker * pixels * 16);
  table.maps<T>().plane.normalise(FromChannel(*norm, i % blocks * 16), plane, nullptr, pixels, false, normal);
  return normal;
}

}  // namespace fovea
