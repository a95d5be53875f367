#include "fovea/layers/broadcast.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "fovea/base/error.h"

namespace fovea {
namespace {

// The extent of an axis counted from the last one; 1 for one that is missing.
int64_t FromEnd(const Shape& shape, int axis) {
  return axis < shape.rank() ? shape[shape.rank() - 1 - axis] : 1;
}

}  // namespace

Shape BroadcastShape(const Shape& a, const Shape& b) {
  std::vector<int64_t> extents(static_cast<std::size_t>(std::max(a.rank(), b.rank())));
  for (std::size_t axis = 0; axis < extents.size(); axis++) {
    const int64_t p = FromEnd(a, static_cast<int>(axis)), q = FromEnd(b, static_cast<int>(axis));
    if (p != q && p != 1 && q != 1) {
      throw ShapeError(
          fmt::format("{} and {} do not broadcast: each axis must be equal or 1, counted from the last",
                      a.ToString(), b.ToString()));
    }
    extents[extents.size() - 1 - axis] = p == 1 ? q : p;
  }
  return Shape(extents);
}

Broadcast::Broadcast(const Shape& from, const Shape& to) : same_(from == to), rank_(to.rank()) {
  int64_t stride = 1;
  for (int axis = 0; axis < rank_; axis++) {
    const auto k = static_cast<std::size_t>(rank_ - 1 - axis);
    const int64_t extent = FromEnd(from, axis);
    extents_[k] = FromEnd(to, axis);
    strides_[k] = extent == 1 ? 0 : stride;
    stride *= extent;
  }
}

}  // namespace fovea
