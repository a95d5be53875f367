// Average pooling.
//   y[n,c,p,q] = (sum of x[n,c,h,w] over the window inside the map) / d
//   d counts the window's places inside map and padding (count_include_pad), or inside the map alone
// Shapes    x (N,C,H,W); y (N,C,P,Q), see pool2d.h
// Saves     nothing.
// Backward  dx[n,c,h,w] = sum over the windows that hold (h,w) of dy / d
// Edges     With ceil_mode the part of a window beyond the padding is not counted in d.
// Throws    ShapeError when the window does not fit the map or misses it, see pool2d.h.
// Source    LeCun et al. 1998 (subsampling); torch.nn.AvgPool2d, ONNX AveragePool
#pragma once

#include "fovea/layers/pool2d.h"

#pragma GCC visibility push(default)
namespace fovea {

struct AvgPool2dOptions : Pool2dOptions {
  bool count_include_pad = true;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    Pool2dOptions::Fields(o, field);
    field("count_include_pad", o.count_include_pad, Any());
  }
};

class AvgPool2d final : public LayerOf<AvgPool2d, AvgPool2dOptions> {
 public:
  static constexpr std::string_view kType = "avg_pool2d";
  explicit AvgPool2d(AvgPool2dOptions options = {}) : LayerOf(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const override { return PooledShape(options(), x[0]); }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

  // d of a window.
  double Divisor(const Window& rows, const Window& columns) const {
    const bool all = options().count_include_pad;
    return static_cast<double>(all ? rows.padded * columns.padded : rows.Count() * columns.Count());
  }
};
extern template class LayerOf<AvgPool2d, AvgPool2dOptions>;

}  // namespace fovea
#pragma GCC visibility pop
