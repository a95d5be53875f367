// A map with more rows, columns and channels around it.
//   y[n, c, h, w] = x[n, c - front, h - top, w - left];  what is outside x there is, by mode,
//     constant  value
//     reflect   x mirrored at its first and last number, which are not repeated: 3 2 | 1 2 3 | 2 1
//     edge      the nearest number of x: 1 1 | 1 2 3 | 3 3
// Shapes    x (N,C,H,W); y (N, front+C+back, top+H+bottom, left+W+right)
// Backward  dx = the sum of dy over the places that took the number.
// Throws    ShapeError when reflect needs more than the map has: padding must be less than the extent.
// Source    ONNX Pad, torch.nn.functional.pad (edge is its "replicate")
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct PadOptions {
  Padding padding{};
  int64_t front = 0, back = 0;  // channels
  std::string mode = "constant";
  double value = 0;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("padding", o.padding, Distance(0));
    field("front", o.front, Distance(0));
    field("back", o.back, Distance(0));
    field("mode", o.mode, OneOf({"constant", "reflect", "edge"}));
    field("value", o.value, Any());
  }
};

class Pad final : public RearrangementOf<Pad, PadOptions> {
 public:
  static constexpr std::string_view kType = "pad";
  using RearrangementOf::RearrangementOf;

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;
  double Fill() const override { return options().value; }
};
extern template class LayerOf<Pad, PadOptions>;

}  // namespace fovea
#pragma GCC visibility pop
