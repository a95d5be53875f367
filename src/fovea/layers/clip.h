// Every element held within bounds.
//   y = min(max(x, min), max)
// Backward  dx = dy where min <= x <= max, else 0
// Edges     At a bound the gradient is dy. A NaN passes through with its gradient. Where max < min, y = max and dx = 0. A bound that is
//           not given is the lowest or the largest float, as in ONNX.
// Source    clamp and hardtanh of PyTorch (hardtanh has no gradient at its bounds), Clip of ONNX
#pragma once

#include <limits>

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ClipOptions {
  static constexpr double kLargest = std::numeric_limits<float>::max();
  double min = -kLargest, max = kLargest;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("min", o.min, Between(-kLargest, kLargest));
    field("max", o.max, Between(-kLargest, kLargest));
  }
};

class Clip final : public PointwiseOf<Clip, ClipOptions> {
 public:
  static constexpr std::string_view kType = "clip";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Clip, ClipOptions>;

}  // namespace fovea
#pragma GCC visibility pop
