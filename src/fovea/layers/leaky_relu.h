// Rectified linear unit with a slope for negative values.
//   y = x where x > 0, else slope*x
// Shapes    x, y of any shape
// Saves     nothing beyond x.
// Backward  dx = dy where x > 0, else slope*dy
// Edges     At x = 0 the gradient is slope*dy. A NaN passes through.
// Source    Maas, Hannun & Ng 2013
#pragma once

#include "fovea/layers/layer.h"

namespace fovea {

struct LeakyReluOptions {
  double slope = 0.01;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("slope", o.slope, Between(0, 1));
  }
};

class LeakyRelu final : public LayerOf<LeakyRelu, LeakyReluOptions> {
 public:
  static constexpr std::string_view kType = "leaky_relu";
  explicit LeakyRelu(LeakyReluOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override { return x[0]; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<LeakyRelu, LeakyReluOptions>;

}  // namespace fovea
