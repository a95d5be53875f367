#include "fovea/layers/depth_to_space.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

Shape DepthToSpace::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  RequireMap(x);
  const int64_t b = options().block;
  if (x[1] % (b * b) != 0)
    throw ShapeError(fmt::format("blocks of {}x{} do not divide the {} channels", b, b, x[1]));
  return {x[0], x[1] / (b * b), x[2] * b, x[3] * b};
}

std::optional<Sources> DepthToSpace::SourcesOf(const Shape& x) const {
  const int64_t b = options().block, c = x[1] / (b * b), plane = x[2] * x[3];
  const bool dcr = options().mode == "DCR";
  const int64_t pixel = dcr ? c * plane : plane;  // from one pixel of a block to the next
  return Walk(0, {{c, dcr ? plane : b * b * plane}, {x[2], x[3]}, {b, b * pixel}, {x[3], 1}, {b, pixel}});
}

template class LayerOf<DepthToSpace, BlockOptions>;

}  // namespace fovea
