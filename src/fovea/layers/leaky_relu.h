// Rectified linear unit with a slope for negative values.
//   y = x where x > 0, else slope*x
// Backward  dx = dy where x > 0, else slope*dy
// Edges     At x = 0 the gradient is slope*dy. A NaN passes through. The slope is any number that a float holds, as in ONNX; with one of
//           0 or below the sign of y does not tell that of x, and the reference serves the layer.
// Source    Maas, Hannun & Ng 2013; LeakyRelu of ONNX
#pragma once

#include <limits>

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

struct LeakyReluOptions {
  static constexpr double kLargest = std::numeric_limits<float>::max();
  double slope = 0.01;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("slope", o.slope, Between(-kLargest, kLargest));
  }
};

class LeakyRelu final : public PointwiseOf<LeakyRelu, LeakyReluOptions> {
 public:
  static constexpr std::string_view kType = "leaky_relu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<LeakyRelu, LeakyReluOptions>;

}  // namespace fovea
#pragma GCC visibility pop
