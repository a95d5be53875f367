// Smooth rectifiers.
//
// Softplus    y = log(1 + exp(beta*x))/beta;  dx = dy/(1 + exp(-beta*x))
//             where beta*x > threshold, y = x and dx = dy
// LogSigmoid  y = -log(1 + exp(-x));  dx = dy/(1 + exp(x))
// Edges       No overflow for any finite x. A NaN passes through.
// Source      Glorot, Bordes & Bengio 2011. beta and threshold are those of PyTorch; the Softplus of ONNX has beta = 1 and no threshold.
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

struct SoftplusOptions {
  double beta = 1;
  double threshold = 20;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("beta", o.beta, Between(1e-6, 1e6));
    field("threshold", o.threshold, Any());
  }
};

class Softplus final : public PointwiseOf<Softplus, SoftplusOptions> {
 public:
  static constexpr std::string_view kType = "softplus";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Softplus, SoftplusOptions>;

class LogSigmoid final : public PointwiseOf<LogSigmoid> {
 public:
  static constexpr std::string_view kType = "log_sigmoid";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<LogSigmoid, NoOptions>;

}  // namespace fovea
#pragma GCC visibility pop
