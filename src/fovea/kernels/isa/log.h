// The logarithm on blocks, by the series of atanh: log((1 + s)/(1 - s)) = 2(s + s^3/3 + s^5/5 + ...).
#pragma once

#include "fovea/kernels/isa/exp.h"

namespace fovea::FOVEA_ISA {
namespace {

// 2 atanh(s) for 0 <= |s| <= 1/3: the first term left out is below 2^-29 of the sum.
FOVEA_INLINE Vec TwiceAtanhVec(Vec s) {
  constexpr float kTerms[] = {2.0f / 13, 2.0f / 11, 2.0f / 9, 2.0f / 7, 2.0f / 5, 2.0f / 3};
  const Vec square = s * s;
  Vec sum = SplatVec(2.0f / 15);
  FOVEA_UNROLL for (float term : kTerms) sum = FmaVec(sum, square, SplatVec(term));
  return FmaVec(s * square, sum, s + s);
}

// log(1 + x) for 0 <= x <= 1; a NaN stays.
FOVEA_INLINE Vec LogOnePlusVec(Vec x) { return TwiceAtanhVec(x / (SplatVec(2.0f) + x)); }

// -infinity at 0, NaN below.
FOVEA_INLINE Vec LogVec(Vec x) {
  constexpr float kTwo23 = 0x1p23f, kSmallest = 0x1p-126f, kInfinity = __builtin_inff();
  const auto denormal = x < SplatVec(kSmallest);
  const Vec scaled = denormal ? x * SplatVec(kTwo23) : x;
  // x = m * 2^k with m between sqrt(1/2) and sqrt(2): 0x3f3504f3 are the bits of sqrt(1/2).
  const IntVec bits = reinterpret_cast<IntVec>(scaled) & 0x7fffffff, k = (bits - 0x3f3504f3) >> 23;
  const Vec m = reinterpret_cast<Vec>(bits - (k << 23));
  const Vec power = __builtin_convertvector(k, Vec) - (denormal ? SplatVec(23.0f) : Vec{});
  const Vec f = m - SplatVec(1.0f), tail = TwiceAtanhVec(f / (SplatVec(2.0f) + f));
  const Vec sum = FmaVec(power, SplatVec(0x1.62e4p-1f), FmaVec(power, SplatVec(0x1.7f7d1cp-20f), tail));
  const Vec finite = x == SplatVec(kInfinity) ? x : sum,
            positive = x == Vec{} ? SplatVec(-kInfinity) : finite;
  return x >= Vec{} ? positive : SplatVec(__builtin_nanf(""));
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
