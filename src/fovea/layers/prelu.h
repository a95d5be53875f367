// Rectified linear unit with learned slopes for negative values.
//   y = x where x > 0, else w*x
// Shapes    x, y (N,C,...); "weight" w (C) with per_channel, else (1)
// Saves     nothing beyond x.
// Backward  dx = dy where x > 0, else w*dy;  dw += sum of x*dy where x <= 0
// Edges     At x = 0 the gradient is w*dy. A NaN passes through. Weight decay spares w, as its authors ask.
// Throws    ShapeError when x has no channels.
// Source    He et al. 2015, arXiv:1502.01852; names of PyTorch, whose num_parameters is 1 or C
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct PreluOptions {
  bool per_channel = false;
  double init = 0.25;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("per_channel", o.per_channel, Any());
    field("init", o.init, Between(-1e6, 1e6));
  }
};

class Prelu final : public LayerOf<Prelu, PreluOptions> {
 public:
  static constexpr std::string_view kType = "prelu";
  explicit Prelu(PreluOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Prelu, PreluOptions>;

}  // namespace fovea
#pragma GCC visibility pop
