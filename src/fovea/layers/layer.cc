#include "fovea/layers/layer.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

bool operator==(const Layer& a, const Layer& b) {
  return a.Type() == b.Type() && a.HyperParameters() == b.HyperParameters();
}

std::string ToString(const Layer& layer) {
  return fmt::format("{}({})", layer.Type(), ToString(layer.HyperParameters()));
}

void RequireMap(const Shape& x) {
  if (x.rank() != 4) throw ShapeError(fmt::format("needs a map (N, C, H, W), got {}", x.ToString()));
}

}  // namespace fovea
