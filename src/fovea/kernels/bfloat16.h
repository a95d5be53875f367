// Numbers of bfloat16 one at a time.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "fovea/kernels/isa/bfloat16.h"

namespace fovea {

inline float WidenBfloat16(Bfloat16 v) {
  const uint32_t bits = static_cast<uint32_t>(v) << 16;
  float wide;
  std::memcpy(&wide, &bits, sizeof wide);
  return wide;
}

// To nearest even; denormal numbers become 0, as in the kernels.
inline Bfloat16 RoundToBfloat16(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  if (std::isnan(v)) return static_cast<Bfloat16>(bits >> 16 | 0x40);
  if (std::fpclassify(v) == FP_SUBNORMAL) return static_cast<Bfloat16>(bits >> 16 & 0x8000);
  return static_cast<Bfloat16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// For templates over the element of a map.
inline void RoundTo(float v, float& to) { to = v; }
inline void RoundTo(float v, Bfloat16& to) { to = RoundToBfloat16(v); }

// Not a number, read as a float or as two of Bfloat16: what dead buffers are filled with.
inline constexpr float kPoison = std::bit_cast<float>(0x7fc07fc0u);

}  // namespace fovea
