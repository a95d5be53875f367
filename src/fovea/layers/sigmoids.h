// Functions that saturate at both ends. Shapes, what they save and the backward pass: pointwise.h
//
// Sigmoid      y = 1/(1 + exp(-x));          dx = y*(1 - y)*dy
// Tanh         y = tanh(x);                  dx = (1 - y^2)*dy
// Hardsigmoid  y = min(max(alpha*x + beta, 0), 1);  dx = alpha*dy where 0 < alpha*x + beta < 1, else 0
// Softsign     y = x/(1 + |x|);              dx = dy/(1 + |x|)^2
// Edges        No overflow for any finite x. A NaN passes through. The default alpha of Hardsigmoid is PyTorch's 1/6; that of ONNX is 0.2.
// Source       Courbariaux et al. 2015, arXiv:1511.00363 (Hardsigmoid); Glorot & Bengio 2010 (Softsign)
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

class Sigmoid final : public PointwiseOf<Sigmoid> {
 public:
  static constexpr std::string_view kType = "sigmoid";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Sigmoid, NoOptions>;

// Named out because base/math.h has the function.
class HyperbolicTangent final : public PointwiseOf<HyperbolicTangent> {
 public:
  static constexpr std::string_view kType = "tanh";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<HyperbolicTangent, NoOptions>;

struct HardsigmoidOptions {
  double alpha = 1.0 / 6;
  double beta = 0.5;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("alpha", o.alpha, Between(0, 1e6));
    field("beta", o.beta, Between(-1e6, 1e6));
  }
};

class Hardsigmoid final : public PointwiseOf<Hardsigmoid, HardsigmoidOptions> {
 public:
  static constexpr std::string_view kType = "hardsigmoid";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Hardsigmoid, HardsigmoidOptions>;

class Softsign final : public PointwiseOf<Softsign> {
 public:
  static constexpr std::string_view kType = "softsign";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Softsign, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
