// The functions of pointwise.h and their derivatives on vectors. Included by sources of this folder alone.
#pragma once

#include "fovea/kernels/isa/log.h"
#include "fovea/kernels/isa/pointwise.h"

namespace fovea::FOVEA_ISA {
namespace {

struct PointVec {
  Vec value, slope;
};

FOVEA_INLINE Vec MagnitudeVec(Vec x) {
  return reinterpret_cast<Vec>(reinterpret_cast<IntVec>(x) & 0x7fffffff);
}
FOVEA_INLINE Vec OneVec() { return SplatVec(1.0f); }

// The share of x that passes, and its derivative by x.
struct Gate {
  Vec share, slope;
};

// Phi(-t) = exp(-t^2/2) * k*P(k), k = 1/(1 + 0.27*t): P is the polynomial of degree 8 with the smallest relative error
// on 0 <= t <= 15, 2.4e-8 (Remez in 40 digits). The same exponential gives the density.
FOVEA_INLINE Gate NormalGate(Vec x) {
  constexpr float kTerms[] = {-0.126658546182f, 0.170155895999f, -0.0696504501056f, 0.108142438756f,
                              0.0719083623998f, 0.101848556575f, 0.107537272266f,   0.107721003732f};
  const Vec one = SplatVec(1.0f), t = MagnitudeVec(x);
  const Vec e = ExpVec(x * x * SplatVec(-0.5f)), k = one / FmaVec(t, SplatVec(0.27f), one);
  Vec sum = SplatVec(0.0289954785426f);
  FOVEA_UNROLL for (float term : kTerms) sum = FmaVec(sum, k, SplatVec(term));
  const Vec tail = e * (k * sum);
  return {x < Vec{} ? tail : one - tail, e * SplatVec(0.39894228040143268f)};
}

// (1 + tanh(u))/2 = 1/(1 + exp(-2u)).
FOVEA_INLINE Gate TanhGate(Vec x) {
  constexpr float kSlope = 2 * 0.79788456080286536f, kCubic = kSlope * 0.044715f;
  const Vec one = SplatVec(1.0f), square = x * x;
  const Vec twice = x * FmaVec(square, SplatVec(kCubic), SplatVec(kSlope));
  const Vec share = one / (one + ExpVec(-twice));
  return {share, share * (one - share) * FmaVec(square, SplatVec(3 * kCubic), SplatVec(kSlope))};
}

template <Gate (*kGate)(Vec)>
FOVEA_INLINE PointVec Gated(Vec x) {
  const Gate gate = kGate(x);
  return {x * gate.share, FmaVec(x, gate.slope, gate.share)};
}

FOVEA_INLINE PointVec ExponentialUnit(const Curve& c, Vec x) {
  const Vec u = x * SplatVec(c.rate), rise = Expm1Vec(u), height = SplatVec(c.height);
  return {x > Vec{} ? SplatVec(c.above) * x : height * rise,
          x > Vec{} ? SplatVec(c.above) : height * SplatVec(c.rate) * ExpVec(u)};
}

// 1/(1 + exp(-x)) and its derivative, from the exponential that does not overflow.
FOVEA_INLINE PointVec Logistic(Vec x) {
  const Vec e = ExpVec(-MagnitudeVec(x)), high = OneVec() / (OneVec() + e), low = e * high;
  return {x < Vec{} ? low : high, low * high};
}

// tanh |x| = -m/(2 + m) with m = exp(-2|x|) - 1.
FOVEA_INLINE PointVec HyperbolicTangent(Vec x) {
  const Vec size = MagnitudeVec(x), m = Expm1Vec(size * SplatVec(-2.0f));
  const Vec t = -m / (SplatVec(2.0f) + m);
  return {x < Vec{} ? -t : t, FmaVec(-t, t, OneVec())};
}

FOVEA_INLINE PointVec Softsign(Vec x) {
  const Vec r = OneVec() / (OneVec() + MagnitudeVec(x));
  return {x * r, r * r};
}

FOVEA_INLINE PointVec Hardsigmoid(const Curve& c, Vec x) {
  const Vec line = FmaVec(x, SplatVec(c.rate), SplatVec(c.offset));
  const Vec above = line <= Vec{} ? Vec{} : line, slope = line <= Vec{} ? Vec{} : SplatVec(c.rate);
  return {above >= OneVec() ? OneVec() : above, line >= OneVec() ? Vec{} : slope};
}

FOVEA_INLINE PointVec Silu(Vec x) {
  const PointVec share = Logistic(x);
  return {x * share.value, FmaVec(x, share.slope, share.value)};
}

// With w = exp(x) and n = w*(w + 2): tanh(log(1 + w)) = n/(n + 2), whose derivative by x is 4w(1 + w)/(n + 2)^2; above 0 both
// fractions are divided by powers of w.
FOVEA_INLINE PointVec Mish(Vec x) {
  const Vec e = ExpVec(-MagnitudeVec(x)), square = e * e, two = SplatVec(2.0f);
  const Vec n = x < Vec{} ? FmaVec(two, e, square) : FmaVec(two, e, OneVec());
  const Vec d = x < Vec{} ? n + two : FmaVec(two, square, n);
  const Vec share = n / d, slope = SplatVec(4.0f) * (x < Vec{} ? e : square) * (OneVec() + e) / (d * d);
  return {x * share, FmaVec(x, slope, share)};
}

FOVEA_INLINE PointVec Hardswish(Vec x) {
  const Vec three = SplatVec(3.0f), share = (x + three) * SplatVec(1.0f / 6);
  const Vec value = x >= three ? x : x * share, slope = FmaVec(x, SplatVec(1.0f / 3), SplatVec(0.5f));
  return {x <= -three ? Vec{} : value, x <= -three ? Vec{} : x >= three ? OneVec() : slope};
}

FOVEA_INLINE PointVec Softplus(const Curve& c, Vec x) {
  const Vec u = x * SplatVec(c.rate), tail = LogOnePlusVec(ExpVec(-MagnitudeVec(u)));
  const Vec sum = (u > Vec{} ? u + tail : tail) / SplatVec(c.rate);
  return {u > SplatVec(c.high) ? x : sum, u > SplatVec(c.high) ? OneVec() : Logistic(u).value};
}

FOVEA_INLINE PointVec Clip(const Curve& c, Vec x) {
  const Vec low = SplatVec(c.low), high = SplatVec(c.high);
  const Vec raised = x < low ? low : x, slope = x < low ? Vec{} : OneVec();
  return {raised > high ? high : raised, raised > high ? Vec{} : slope};
}

FOVEA_INLINE PointVec SquareRoot(Vec x) {
  Vec root;
  for (int lane = 0; lane < kLanes; lane++) root[lane] = __builtin_sqrtf(x[lane]);
  return {root, SplatVec(0.5f) / root};
}

FOVEA_INLINE PointVec Absolute(Vec x) {
  const Vec sign = x < Vec{} ? -OneVec() : OneVec();
  return {MagnitudeVec(x), x == Vec{} ? Vec{} : sign};
}

template <CurveKind kKind>
FOVEA_INLINE PointVec CurveAt(const Curve& c, Vec x) {
  switch (kKind) {
    case CurveKind::kGelu:
      return Gated<NormalGate>(x);
    case CurveKind::kGeluTanh:
      return Gated<TanhGate>(x);
    case CurveKind::kExponentialUnit:
      return ExponentialUnit(c, x);
    case CurveKind::kSigmoid:
      return Logistic(x);
    case CurveKind::kTanh:
      return HyperbolicTangent(x);
    case CurveKind::kSoftsign:
      return Softsign(x);
    case CurveKind::kHardsigmoid:
      return Hardsigmoid(c, x);
    case CurveKind::kSilu:
      return Silu(x);
    case CurveKind::kMish:
      return Mish(x);
    case CurveKind::kHardswish:
      return Hardswish(x);
    case CurveKind::kSoftplus:
      return Softplus(c, x);
    case CurveKind::kClip:
      return Clip(c, x);
    case CurveKind::kExp:
      return {ExpVec(x), ExpVec(x)};
    case CurveKind::kLog:
      return {LogVec(x), OneVec() / x};
    case CurveKind::kSqrt:
      return SquareRoot(x);
    case CurveKind::kAbs:
      return Absolute(x);
    case CurveKind::kNeg:
      return {-x, -OneVec()};
    case CurveKind::kReciprocal:
      return {OneVec() / x, -(OneVec() / x) * (OneVec() / x)};
  }
}

}  // namespace
}  // namespace fovea::FOVEA_ISA
