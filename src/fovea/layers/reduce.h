// One number from many, along axes behind the batch.
//   sum          y = sum of x                 dx = dy
//   mean         y = (sum of x)/m             dx = dy/m
//   max, min     y = the largest, smallest x  dx = dy at that x, 0 elsewhere
//   l1           y = sum of |x|               dx = dy*sign(x), 0 at 0
//   l2           y = sqrt(sum of x^2)         dx = dy*x/y, 0 where y is 0
//   log_sum_exp  y = log(sum of exp(x))       dx = dy*exp(x - y)
// Shapes    x (N, ...); y the same with 1 for each axis named, or without these axes
// Options   axes: 1 the channels, -1 the last; none: all behind the batch
// Saves     nothing beyond x.
// Ties      The first largest (smallest) in row-major order takes the whole gradient.
// NaN       A NaN is larger (smaller) than every number, the first one wins.
// Edges     log_sum_exp subtracts the largest x first, so that nothing overflows.
// Throws    ShapeError for an axis that x lacks, or the batch.
// Source    ONNX ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceL1, ReduceL2, ReduceLogSumExp
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ReduceOptions {
  std::string op = "mean";
  std::vector<int64_t> axes = {};
  bool keepdims = true;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("op", o.op, OneOf({"mean", "sum", "max", "min", "l1", "l2", "log_sum_exp"}));
    field("axes", o.axes, Any());
    field("keepdims", o.keepdims, Any());
  }
};

class Reduce final : public LayerOf<Reduce, ReduceOptions> {
 public:
  static constexpr std::string_view kType = "reduce";
  explicit Reduce(ReduceOptions options = {}) : LayerOf(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Reduce, ReduceOptions>;

}  // namespace fovea
#pragma GCC visibility pop
