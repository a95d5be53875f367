// Functions of one element on blocks of 16 floats. Members of the table of an instruction set. x is in single precision, the other
// maps are of T.
#pragma once

#include <stdint.h>

#include "fovea/kernels/isa/bfloat16.h"

namespace fovea {

// Each with the parameters that it reads; layers/*.h have the equations.
enum class CurveKind : uint8_t {
  kGelu,
  kGeluTanh,
  kExponentialUnit,  // above*x where x > 0, else height*(exp(rate*x) - 1)
  kSigmoid,
  kTanh,
  kSoftsign,
  kHardsigmoid,  // rate*x + offset between 0 and 1
  kSilu,
  kMish,
  kHardswish,
  kSoftplus,  // log(1 + exp(rate*x))/rate, x where rate*x > high
  kClip,      // low, high
  kExp,
  kLog,
  kSqrt,
  kAbs,
  kNeg,
  kReciprocal,
};

struct Curve {
  CurveKind kind;
  float above = 1, height = 1, rate = 1, offset = 0;
  float low = -__builtin_inff(), high = __builtin_inff();
};

template <class T>
struct PointwiseTable {
  // y = f(x). `stream`: y, another buffer than x, goes past the caches.
  // kernels/pointwise_test.cc has the errors: of most, 8 units of 2^-24 of the value.
  void (*forward)(const Curve& curve, const float* x, int64_t blocks, bool stream, T* y);
  // dx (+)= dy * f'(x); dx may be dy.
  void (*backward)(const Curve& curve, const float* x, const T* dy, int64_t blocks, bool accumulate, T* dx);
};

}  // namespace fovea
