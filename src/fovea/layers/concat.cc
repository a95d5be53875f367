#include "fovea/layers/concat.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {

Shape Concat::OutputShape(std::span<const Shape> x) const {
  const int64_t axis = options().axis;
  if (axis >= x[0].rank())
    throw ShapeError(fmt::format("joins along axis {}, got {}", axis, x[0].ToString()));
  std::vector<int64_t> joined(x[0].extents().begin(), x[0].extents().end());
  for (std::size_t i = 1; i < x.size(); i++) {
    const auto a = x[0].extents(), b = x[i].extents();
    if (a.size() != b.size() || !std::equal(a.begin(), a.begin() + axis, b.begin()) ||
        !std::equal(a.begin() + axis + 1, a.end(), b.begin() + axis + 1)) {
      throw ShapeError(fmt::format("joins shapes that differ in {} alone, got {} and {}",
                                   axis == 1 ? "the channels" : fmt::format("axis {}", axis), x[0].ToString(),
                                   x[i].ToString()));
    }
    const auto at = static_cast<std::size_t>(axis);
    joined[at] = CheckedAdd(joined[at], b[at]);
  }
  return Shape(joined);
}

// How many parts an input falls into, one behind another, between which the others stand.
int64_t Concat::Parts(const Shape& x) const {
  int64_t parts = 1;
  for (int axis = 0; axis < options().axis; axis++) parts *= x[axis];
  return parts;
}

template <class S>
void Concat::Forward(const ForwardCall<S>& call) const {
  const int64_t parts = Parts(call.y.shape());
  S* to = call.y.data();
  for (int64_t n = 0; n < parts; n++) {
    for (const auto& x : call.x) {
      const int64_t size = x.size() / parts;
      to = std::copy_n(x.data() + n * size, size, to);
    }
  }
}

template <class S>
void Concat::Backward(const BackwardCall<S>& call) const {
  const int64_t parts = Parts(call.dy.shape());
  const S* from = call.dy.data();
  for (int64_t n = 0; n < parts; n++) {
    for (std::size_t i = 0; i < call.x.size(); i++) {
      const int64_t size = call.x[i].size() / parts;
      if (call.dx[i].present()) std::copy_n(from, size, call.dx[i].data() + n * size);
      from += size;
    }
  }
}

template class LayerOf<Concat, ConcatOptions>;

}  // namespace fovea
