#include "fovea/layers/space_to_depth.h"

#include <fmt/format.h>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {

Shape SpaceToDepth::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  RequireMap(x);
  const int64_t b = options().block;
  if (x[2] % b != 0 || x[3] % b != 0)
    throw ShapeError(fmt::format("blocks of {}x{} do not divide the map of {}x{}", b, b, x[2], x[3]));
  return {x[0], CheckedMultiply(x[1], b * b), x[2] / b, x[3] / b};
}

std::optional<Sources> SpaceToDepth::SourcesOf(const Shape& x) const {
  const int64_t b = options().block;
  const WalkAxis channels{x[1], x[2] * x[3]}, i{b, x[3]}, j{b, 1}, h{x[2] / b, b * x[3]}, w{x[3] / b, b};
  return options().mode == "DCR" ? Walk(0, {i, j, channels, h, w}) : Walk(0, {channels, i, j, h, w});
}

template class LayerOf<SpaceToDepth, BlockOptions>;

}  // namespace fovea
