#include "fovea/layers/transpose.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/layers/axes.h"

namespace fovea {

Shape Transpose::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  const std::vector<int> axes = AxesBehindBatch(options().perm, x);
  if (static_cast<int>(axes.size()) != x.rank() - 1) {
    throw ShapeError(fmt::format("perm={} must name each of the {} axes behind the batch of {}",
                                 ToString(ToHyper(options().perm)), x.rank() - 1, x.ToString()));
  }
  std::vector<int64_t> y{x[0]};
  for (const int axis : axes) y.push_back(x[axis]);
  return Shape(y);
}

std::optional<Sources> Transpose::SourcesOf(const Shape& x) const {
  const std::vector<int64_t> steps = SampleSteps(x);
  std::vector<WalkAxis> walk;
  for (const int axis : AxesBehindBatch(options().perm, x))
    walk.push_back({x[axis], steps[static_cast<std::size_t>(axis)]});
  return Walk(0, walk);
}

template class LayerOf<Transpose, TransposeOptions>;

}  // namespace fovea
