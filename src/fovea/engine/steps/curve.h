// The curve that a layer is, for the kernels.
#pragma once

#include <optional>

#include "fovea/engine/step.h"
#include "fovea/kernels/isa/pointwise.h"

namespace fovea {

// Of a layer that takes every element by itself and is no rectifier (rectifier.h); none for another layer or null.
std::optional<Curve> CurveOf(const Layer* layer);

// Sets the lanes behind the last channel of plane i to 0: where f(0) is not 0, or has no slope.
template <class T>
void ClearLanes(const Storage& storage, int64_t i, int64_t pixels, T* plane) {
  const int64_t blocks = (storage.c + 15) / 16, lanes = storage.c - i % blocks * 16;
  if (lanes >= 16) return;
  for (int64_t p = 0; p < pixels; p++) std::fill_n(plane + p * 16 + lanes, 16 - lanes, T(0));
}

}  // namespace fovea
