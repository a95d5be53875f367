// Pooling by the p-norm.
//   y[n,c,q,r] = (sum of |x[n,c,h,w]|^p over the window's h, w inside the map)^(1/p)
// Shapes    x (N,C,H,W); y (N,C,P,Q), see pool2d.h; with `whole_map` the window is the map: (N,C,1,1)
// Saves     nothing beyond x.
// Backward  dx[n,c,h,w] = sum over the windows that hold (h,w) of dy * sign(x) * (|x|/y)^(p-1)
// Kinks     The gradient of a window of zeros, and at x = 0 with p = 1, is 0.
// Throws    ShapeError when the window does not fit the map or misses it, see pool2d.h.
// Source    ONNX LpPool and GlobalLpPool. torch.nn.functional.lp_pool2d sums x^p without its magnitude.
#pragma once

#include "fovea/layers/pool2d.h"

#pragma GCC visibility push(default)
namespace fovea {

struct LpPool2dOptions : Pool2dOptions {
  int64_t p = 2;
  bool whole_map = false;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    Pool2dOptions::Fields(o, field);
    field("p", o.p, Between(1, 64));
    field("whole_map", o.whole_map, Any());
  }
};

class LpPool2d final : public LayerOf<LpPool2d, LpPool2dOptions> {
 public:
  static constexpr std::string_view kType = "lp_pool2d";
  explicit LpPool2d(LpPool2dOptions options = {}) : LayerOf(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

 private:
  // The windows over such a map.
  Pool2dOptions WindowsOf(const Shape& x) const;
};
extern template class LayerOf<LpPool2d, LpPool2dOptions>;

}  // namespace fovea
#pragma GCC visibility pop
