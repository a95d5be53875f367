// The exponential on blocks: the reduction of Cody & Waite 1980 with fused steps, a polynomial of degree 7 on
// |r| <= ln(2)/2, and a scaling by 2^k that rounds once.
#pragma once

#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

#if defined(__AVX512F__)
constexpr __mmask16 kAll = 0xffff;  // intrinsics without a mask are wrongly warned of (GCC bug 105593)
#endif

// A NaN stays.
FOVEA_INLINE Vec ClampVec(Vec x, float low, float high) {
#if defined(__AVX512F__)  // of two numbers one of which is a NaN these give the second
  const __m512 raised = _mm512_maskz_max_ps(kAll, _mm512_set1_ps(low), reinterpret_cast<__m512>(x));
  return reinterpret_cast<Vec>(_mm512_maskz_min_ps(kAll, _mm512_set1_ps(high), raised));
#else
  x = x < SplatVec(low) ? SplatVec(low) : x;
  return x > SplatVec(high) ? SplatVec(high) : x;
#endif
}

// x * 2^k of a k between -252 and 254 that is an integer, rounded once; some NaN where k is one.
FOVEA_INLINE Vec ScaleVec(Vec x, Vec k) {
#if defined(__AVX512F__)
  return reinterpret_cast<Vec>(
      _mm512_maskz_scalef_ps(kAll, reinterpret_cast<__m512>(x), reinterpret_cast<__m512>(k)));
#else
  const IntVec power = __builtin_convertvector(k == k ? k : Vec{}, IntVec), half = power >> 1;
  const auto power_of_two = [](IntVec p) { return reinterpret_cast<Vec>((p + 127) << 23); };
  return x * power_of_two(half) * power_of_two(power - half);
#endif
}

// exp(x) = 2^power * (1 + above_one).
struct ReducedExp {
  Vec above_one, power;
};

FOVEA_INLINE ReducedExp ReduceExp(Vec limited) {
  constexpr float kRound = 0x1.8p23f;  // added and taken away: rounds to an integer
  constexpr float kTerms[] = {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f};
  const Vec shifted = FmaVec(limited, SplatVec(0x1.715476p0f), SplatVec(kRound));
  const Vec k = shifted - SplatVec(kRound);
  Vec r = FmaVec(k, SplatVec(-0x1.62e4p-1f), limited);  // exact: the head of ln 2 has 15 bits
  r = FmaVec(k, SplatVec(-0x1.7f7d1cp-20f), r);
  Vec sum = SplatVec(1.0f / 5040);
  FOVEA_UNROLL for (float term : kTerms) sum = FmaVec(sum, r, SplatVec(term));
  return {FmaVec(r * r, sum, r), k};
}

FOVEA_INLINE Vec ExpVec(Vec x) {
  const ReducedExp e = ReduceExp(ClampVec(x, -104.0f, 89.0f));
  return ScaleVec(e.above_one + SplatVec(1.0f), e.power);
}

// exp(x) - 1 without cancellation near 0, for x <= 88.
FOVEA_INLINE Vec Expm1Vec(Vec x) {
  const ReducedExp e = ReduceExp(ClampVec(x, -30.0f, 88.0f));
  const Vec power = ScaleVec(SplatVec(1.0f), e.power);
  return FmaVec(e.above_one, power, power - SplatVec(1.0f));
}

FOVEA_INLINE Block Exp(const Block& x) {
  Block r;
  FOVEA_EACH_VEC r.v[i] = ExpVec(x.v[i]);
  return r;
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
