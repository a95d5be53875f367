// Units that pass a share of x that grows with x, as GELU (gelu.h) does. Shapes, what they save and the backward pass: pointwise.h
//
// SiLU       y = x*s,  s = 1/(1 + exp(-x)), also called swish;  dx = (s + x*s*(1 - s))*dy
// Mish       y = x*t,  t = tanh(log(1 + exp(x)));  dx = (t + x*(1 - t^2)*s)*dy
// Hardswish  y = x*min(max(x + 3, 0), 6)/6;  dx = 0 for x <= -3, dy for x >= 3, (x/3 + 1/2)*dy between
// Edges      No overflow for any finite x. A NaN passes through.
// Source     Elfwing, Uchibe & Doya 2018, arXiv:1702.03118; Misra 2020, arXiv:1908.08681; Howard et al. 2019, arXiv:1905.02244
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

class Silu final : public PointwiseOf<Silu> {
 public:
  static constexpr std::string_view kType = "silu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Silu, NoOptions>;

class Mish final : public PointwiseOf<Mish> {
 public:
  static constexpr std::string_view kType = "mish";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Mish, NoOptions>;

class Hardswish final : public PointwiseOf<Hardswish> {
 public:
  static constexpr std::string_view kType = "hardswish";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Hardswish, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
