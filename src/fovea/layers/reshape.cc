#include "fovea/layers/reshape.h"

#include <fmt/format.h>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {

Shape Reshape::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  const std::vector<int64_t>& target = options().shape;
  const int64_t size = x.Size() / x[0];
  const auto fail = [&](std::string_view why) {
    throw ShapeError(fmt::format("{} in shape={} for {} values a sample, those of {}", why,
                                 ToString(ToHyper(target)), size, x.ToString()));
  };
  std::vector<int64_t> y{x[0]};
  int64_t known = 1;
  std::size_t open = 0;
  for (std::size_t i = 0; i < target.size(); i++) {
    const auto axis = static_cast<int>(i) + 1;
    if (target[i] == 0 && axis >= x.rank()) fail("there is no extent for a 0 to keep");
    y.push_back(target[i] == 0 ? x[axis] : target[i]);
    if (y.back() != -1) {
      known = CheckedMultiply(known, y.back());
    } else if (open != 0) {
      fail("-1 stands twice");
    } else {
      open = i + 1;
    }
  }
  if (open != 0) y[open] = size % known == 0 ? size / known : 0, known *= y[open];
  if (known != size) fail("the sizes differ");
  return Shape(y);
}

std::optional<Sources> Reshape::SourcesOf(const Shape& x) const { return Walk(0, {{x.Size() / x[0], 1}}); }

template class LayerOf<Reshape, ReshapeOptions>;

}  // namespace fovea
