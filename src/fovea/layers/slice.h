// A part of x, along axes behind the batch.
//   y[n, ..., i, ...] = x[n, ..., start + i*step, ...] for each axis named; the other axes are whole
// Shapes    x (N, ...); y the same but for the axes named: ceil((end - start) / step)
// Options   axes: 1 the channels, -1 the last; none: the first axes behind the batch, as many as there are starts.
//           starts, ends: end is not part of y; negative ones count from the end of the axis, those beyond x are moved to its
//           edge. steps: none is 1; a negative one walks from start down to end, which it does not reach.
//           A Split is several slices, since a node has one output.
// Backward  dx is dy at the places that y took, 0 elsewhere.
// Throws    ArgumentError when the lists differ in length or a step is 0; ShapeError when nothing is left.
// Source    ONNX Slice, numpy's basic slicing
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct SliceOptions {
  std::vector<int64_t> starts = {}, ends = {}, axes = {}, steps = {};

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("starts", o.starts, Any());
    field("ends", o.ends, Any());
    field("axes", o.axes, Any());
    field("steps", o.steps, Any());
  }
};

class Slice final : public RearrangementOf<Slice, SliceOptions> {
 public:
  static constexpr std::string_view kType = "slice";
  explicit Slice(SliceOptions options);

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;

 private:
  struct Part {
    int64_t start = 0, step = 1, extent = 0;
  };
  // Of each axis of x.
  std::vector<Part> PartsOf(const Shape& x) const;
};
extern template class LayerOf<Slice, SliceOptions>;

}  // namespace fovea
#pragma GCC visibility pop
