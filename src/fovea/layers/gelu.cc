#include "fovea/layers/gelu.h"

namespace fovea {
namespace {

constexpr double kRootHalf = 0.70710678118654752440, kInverseRootTwoPi = 0.39894228040143267794;
constexpr double kRootTwoOverPi = 0.79788456080286535588, kCubic = 0.044715;

// The share of x that passes, and its derivative.
template <class S>
struct Gate {
  S share, slope;
};

template <class S>
Gate<S> NormalGate(S x) {
  return {S(0.5) * (S(1) + Erf(S(kRootHalf) * x)), S(kInverseRootTwoPi) * Exp(S(-0.5) * x * x)};
}

template <class S>
Gate<S> TanhGate(S x) {
  const S square = x * x;
  const S t = Tanh(S(kRootTwoOverPi) * x * (S(1) + S(kCubic) * square));
  return {S(0.5) * (S(1) + t), S(0.5) * (S(1) - t * t) * S(kRootTwoOverPi) * (S(1) + S(3 * kCubic) * square)};
}

}  // namespace

template <class S>
Point<S> Gelu::At(S x) const {
  const Gate<S> g = options().approximate == "tanh" ? TanhGate(x) : NormalGate(x);
  return {x * g.share, g.share + x * g.slope};
}

template class LayerOf<Gelu, GeluOptions>;

}  // namespace fovea
