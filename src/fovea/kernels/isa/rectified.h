// The rectifier of plane.h on a vector. Included by sources of this folder alone.
#pragma once

#include "fovea/kernels/isa/plane.h"
#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

FOVEA_INLINE Vec RectifiedVec(Vec v, const Rectifier& r) {
  const Vec below = r.slope == 0 ? Vec{} : v * SplatVec(r.slope);
  const Vec y = v <= Vec{} ? below : v;
  const Vec cap = SplatVec(r.cap);
  return y > cap ? cap : y;
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
