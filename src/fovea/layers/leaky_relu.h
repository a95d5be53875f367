// Rectified linear unit with a slope for negative values.
//   y = x where x > 0, else slope*x
// Backward  dx = dy where x > 0, else slope*dy
// Edges     At x = 0 the gradient is slope*dy. A NaN passes through.
// Source    Maas, Hannun & Ng 2013
#pragma once

#include "fovea/base/api.h"
#include "fovea/layers/pointwise.h"

namespace fovea FOVEA_API {

struct LeakyReluOptions {
  double slope = 0.01;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("slope", o.slope, Between(0, 1));
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
