// Max pooling.
//   y[n,c,p,q] = max of x[n,c,h,w] over the window's h, w inside the map
// Shapes    x (N,C,H,W); y (N,C,P,Q), see pool2d.h
// Saves     nothing beyond x (the fast step keeps the position in the window, one byte a value).
// Backward  dx[n,c,h,w] = sum of dy over the windows whose maximum is at (h,w)
// Ties      The first maximum in row-major order takes the whole gradient; with ties = split each of m equal maxima takes dy/m, as in
//           the fast layers of CS231n (by the reference alone).
// NaN       A NaN is larger than every number, the first NaN of the window wins.
// Edges     Padding never wins; values in no window get gradient 0.
// Throws    ShapeError when the window does not fit the map or misses it, see pool2d.h.
// Source    docs/derivations/max_pool.md
#pragma once

#include "fovea/layers/pool2d.h"

#pragma GCC visibility push(default)
namespace fovea {

struct MaxPool2dOptions : Pool2dOptions {
  std::string ties = "first";

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    Pool2dOptions::Fields(o, field);
    field("ties", o.ties, OneOf({"first", "split"}));
  }
};

class MaxPool2d final : public LayerOf<MaxPool2d, MaxPool2dOptions> {
 public:
  static constexpr std::string_view kType = "max_pool2d";
  explicit MaxPool2d(Pool2dOptions options = {});
  explicit MaxPool2d(MaxPool2dOptions options) : LayerOf(std::move(options)) {}

  bool Splits() const { return options().ties == "split"; }

  Shape OutputShape(std::span<const Shape> x) const override { return PooledShape(options(), x[0]); }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<MaxPool2d, MaxPool2dOptions>;

}  // namespace fovea
#pragma GCC visibility pop
