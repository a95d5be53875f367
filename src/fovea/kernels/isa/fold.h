// The lanes of a block joined to one number, in a fixed order. Included by sources of this folder alone.
#pragma once

#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// By halves: 8 and 8, 4 and 4, ...
template <class Join>
FOVEA_INLINE float Fold(const Block& block, const Join& join) {
  float lane[16];
  Store(lane, block);
  for (int half = 8; half > 0; half /= 2) {
    for (int i = 0; i < half; i++) lane[i] = join(lane[i], lane[i + half]);
  }
  return lane[0];
}

FOVEA_INLINE float SumLanes(const Block& block) {
  return Fold(block, [](float a, float b) { return a + b; });
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
