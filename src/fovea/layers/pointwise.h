// Layers that take every element by itself. Such a layer L states its function once:
//   template <class S> Point<S> At(S x) const;   // f(x) and f'(x)
// Shapes    x, y of any shape
// Saves     nothing beyond x.
// Backward  dx = dy*f'(x), and 0 where f'(x) is 0, whatever dy is
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

template <class S>
struct Point {
  S value, slope;
};

template <class L, class OptionsOfL = NoOptions>
class PointwiseOf : public LayerOf<L, OptionsOfL> {
 public:
  explicit PointwiseOf(OptionsOfL options = {}) : LayerOf<L, OptionsOfL>(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const final { return x[0]; }

  template <class S>
  void Forward(const ForwardCall<S>& call) const {
    for (int64_t i = 0; i < call.y.size(); i++) call.y[i] = self().At(call.x[0][i]).value;
  }
  template <class S>
  void Backward(const BackwardCall<S>& call) const {
    if (!call.dx[0].present()) return;
    for (int64_t i = 0; i < call.dy.size(); i++) {
      const S slope = self().At(call.x[0][i]).slope;
      call.dx[0][i] = slope == S(0) ? S(0) : call.dy[i] * slope;
    }
  }

 private:
  const L& self() const { return static_cast<const L&>(*this); }
};

}  // namespace fovea
#pragma GCC visibility pop
