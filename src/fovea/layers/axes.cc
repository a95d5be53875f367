#include "fovea/layers/axes.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea {

int AxisBehindBatch(int64_t axis, const Shape& x) {
  const int64_t counted = axis < 0 ? axis + x.rank() : axis;
  if (counted < 0 || counted >= x.rank()) {
    throw ShapeError(fmt::format("there is no axis {} in {}", axis, x.ToString()));
  }
  if (counted == 0)
    throw ShapeError(fmt::format("axis {} is the batch, which no layer cuts, moves or joins", axis));
  return static_cast<int>(counted);
}

std::vector<int> AxesBehindBatch(const std::vector<int64_t>& axes, const Shape& x) {
  std::vector<int> found;
  for (const int64_t axis : axes) {
    const int one = AxisBehindBatch(axis, x);
    if (std::find(found.begin(), found.end(), one) != found.end()) {
      throw ShapeError(fmt::format("axis {} is named twice", axis));
    }
    found.push_back(one);
  }
  return found;
}

}  // namespace fovea
