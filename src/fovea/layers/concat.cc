#include "fovea/layers/concat.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea {

Shape Concat::OutputShape(std::span<const Shape> x) const {
  std::vector<int64_t> joined(x[0].extents().begin(), x[0].extents().end());
  for (std::size_t i = 1; i < x.size(); i++) {
    const auto a = x[0].extents(), b = x[i].extents();
    if (a.size() != b.size() || a[0] != b[0] || !std::equal(a.begin() + 2, a.end(), b.begin() + 2)) {
      throw ShapeError(fmt::format("joins shapes that differ in the channels alone, got {} and {}",
                                   x[0].ToString(), x[i].ToString()));
    }
    joined[1] += b[1];
  }
  return Shape(joined);
}

template <class S>
void Concat::Forward(const ForwardCall<S>& call) const {
  const int64_t samples = call.y.extent(0);
  S* to = call.y.data();
  for (int64_t n = 0; n < samples; n++) {
    for (const auto& x : call.x) {
      const int64_t size = x.size() / samples;
      to = std::copy_n(x.data() + n * size, size, to);
    }
  }
}

template <class S>
void Concat::Backward(const BackwardCall<S>& call) const {
  const int64_t samples = call.dy.extent(0);
  const S* from = call.dy.data();
  for (int64_t n = 0; n < samples; n++) {
    for (std::size_t i = 0; i < call.x.size(); i++) {
      const int64_t size = call.x[i].size() / samples;
      if (call.dx[i].present()) std::copy_n(from, size, call.dx[i].data() + n * size);
      from += size;
    }
  }
}

template class LayerOf<Concat, NoOptions>;

}  // namespace fovea
