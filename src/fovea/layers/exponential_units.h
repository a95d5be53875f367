// Units that are linear above 0 and saturate exponentially below it.
//
// ELU       y = x where x > 0, else alpha*(exp(x) - 1)
// SELU      y = gamma*x where x > 0, else gamma*alpha*(exp(x) - 1)
// CELU      y = x where x > 0, else alpha*(exp(x/alpha) - 1)
// Backward  dx = dy where x > 0 (SELU: gamma*dy), else
//           ELU alpha*exp(x)*dy;  SELU gamma*alpha*exp(x)*dy;  CELU exp(x/alpha)*dy
// Edges     At x = 0 the gradient is that from below. A NaN passes through. Near 0 nothing cancels.
// Source    Clevert, Unterthiner & Hochreiter 2016, arXiv:1511.07289; Klambauer et al. 2017, arXiv:1706.02515;
//           Barron 2017, arXiv:1704.07483. Names and defaults are those of PyTorch and ONNX.
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

struct EluOptions {
  double alpha = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("alpha", o.alpha, Between(0, 1e6));
  }
};

class Elu final : public PointwiseOf<Elu, EluOptions> {
 public:
  static constexpr std::string_view kType = "elu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Elu, EluOptions>;

struct SeluOptions {
  double alpha = 1.6732632423543772848170429916717;
  double gamma = 1.0507009873554804934193349852946;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("alpha", o.alpha, Between(0, 1e6));
    field("gamma", o.gamma, Between(0, 1e6));
  }
};

class Selu final : public PointwiseOf<Selu, SeluOptions> {
 public:
  static constexpr std::string_view kType = "selu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Selu, SeluOptions>;

struct CeluOptions {
  double alpha = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("alpha", o.alpha, Between(1e-6, 1e6));
  }
};

class Celu final : public PointwiseOf<Celu, CeluOptions> {
 public:
  static constexpr std::string_view kType = "celu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Celu, CeluOptions>;

}  // namespace fovea
#pragma GCC visibility pop
