// The same numbers in another shape, in row-major order.
//   y[n, i] = x[n, i], i counting the numbers of a sample
// Shapes    x (N, ...); y (N, shape...): an extent of 0 keeps that of x at its place, one -1 takes what is left.
// Backward  dx is dy in the shape of x.
// Throws    ShapeError when the sizes differ, or -1 stands twice or does not come out even.
// Source    ONNX Reshape, without the batch; Squeeze, Unsqueeze and Flatten are cases of it.
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ReshapeOptions {
  std::vector<int64_t> shape = {};  // without the batch

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("shape", o.shape, AtLeast(-1));
  }
};

class Reshape final : public RearrangementOf<Reshape, ReshapeOptions> {
 public:
  static constexpr std::string_view kType = "reshape";
  using RearrangementOf::RearrangementOf;

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;
};
extern template class LayerOf<Reshape, ReshapeOptions>;

}  // namespace fovea
#pragma GCC visibility pop
