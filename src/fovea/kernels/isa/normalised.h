// The rectifier and the normalisation of plane.h on a vector. Included by sources of this folder alone.
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

// A normalisation's lanes from `lane` on, in registers.
struct NormVec {
  Vec mean, scale, shift;
  const Rectifier* rectifier;

  NormVec(const Normalisation& n, int64_t lane)
      : mean(LoadVec(n.mean + lane)),
        scale(LoadVec(n.scale + lane)),
        shift(LoadVec(n.shift + lane)),
        rectifier(n.rectifier) {}
  FOVEA_INLINE Vec Of(const NormVec& n, Vec x) {
    const Vec y = FmaVec(x - n.mean, n.scale, n.shift);
    return n.rectifier ? RectifiedVec(y, *n.rectifier) : y;
  }
};

}  // namespace
}  // namespace fovea::FOVEA_ISA
