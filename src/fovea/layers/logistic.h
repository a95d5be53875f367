// The logistic function and its relatives, without overflow for any x.
#pragma once

#include "fovea/tensor/dual.h"

namespace fovea {

template <class S>
S Magnitude(S x) {
  return x < S(0) ? -x : x;
}

// 1/(1 + exp(-x)).
template <class S>
S Logistic(S x) {
  const S e = Exp(-Magnitude(x));
  return x < S(0) ? e / (S(1) + e) : S(1) / (S(1) + e);
}

// Its derivative, Logistic(x)*Logistic(-x), to full accuracy at both ends.
template <class S>
S LogisticSlope(S x) {
  const S e = Exp(-Magnitude(x)), d = S(1) + e;
  return e / (d * d);
}

// log(1 + exp(x)).
template <class S>
S LogOnePlusExp(S x) {
  const S tail = Log1p(Exp(-Magnitude(x)));
  return x > S(0) ? x + tail : tail;
}

}  // namespace fovea
