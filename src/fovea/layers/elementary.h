// Elementary functions, for models that come from elsewhere. The classes are named out because base/math.h has functions of the short
// names.
// Shapes, what they save and the backward pass: pointwise.h
//
// exp         y = exp(x);   dx = y*dy
// log         y = log(x);   dx = dy/x
// sqrt        y = sqrt(x);  dx = dy/(2*y)
// abs         y = |x|;      dx = dy where x > 0, -dy where x < 0, 0 at x = 0
// neg         y = -x;       dx = -dy
// reciprocal  y = 1/x;      dx = -y^2*dy
// Edges       IEEE: log(0) = -infinity, log and sqrt of a negative number are NaN, 1/0 = infinity. A NaN passes through.
// Source      ONNX Exp, Log, Sqrt, Abs, Neg, Reciprocal
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

class Exponential final : public PointwiseOf<Exponential> {
 public:
  static constexpr std::string_view kType = "exp";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Exponential, NoOptions>;

class Logarithm final : public PointwiseOf<Logarithm> {
 public:
  static constexpr std::string_view kType = "log";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Logarithm, NoOptions>;

class SquareRoot final : public PointwiseOf<SquareRoot> {
 public:
  static constexpr std::string_view kType = "sqrt";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<SquareRoot, NoOptions>;

class AbsoluteValue final : public PointwiseOf<AbsoluteValue> {
 public:
  static constexpr std::string_view kType = "abs";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<AbsoluteValue, NoOptions>;

class Negative final : public PointwiseOf<Negative> {
 public:
  static constexpr std::string_view kType = "neg";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Negative, NoOptions>;

class Reciprocal final : public PointwiseOf<Reciprocal> {
 public:
  static constexpr std::string_view kType = "reciprocal";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Reciprocal, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
