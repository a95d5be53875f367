#include "fovea/layers/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/resize_taps.h"

namespace fovea {
namespace {

// Calls visit(plane, p, q, h, w, weight) for every number of y and each of its taps.
template <class Visit>
void ForEachTap(const ResizeOptions& o, const Shape& x, const Visit& visit) {
  const std::vector<ResizeTaps> rows = RowTaps(o, x), columns = ColumnTaps(o, x);
  for (int64_t plane = 0; plane < x[0] * x[1]; plane++) {
    for (std::size_t p = 0; p < rows.size(); p++) {
      for (std::size_t q = 0; q < columns.size(); q++) {
        for (const ResizeTap& a : rows[p]) {
          for (const ResizeTap& b : columns[q]) {
            const auto y = (plane * static_cast<int64_t>(rows.size()) + static_cast<int64_t>(p)) *
                               static_cast<int64_t>(columns.size()) +
                           static_cast<int64_t>(q);
            visit(y, (plane * x[2] + a.at) * x[3] + b.at, a.weight * b.weight);
          }
        }
      }
    }
  }
}

}  // namespace

Shape Resize::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  RequireMap(x);
  return {x[0], x[1], ResizedExtent(options().sizes.h, options().scale_h, x[2]),
          ResizedExtent(options().sizes.w, options().scale_w, x[3])};
}

std::optional<Sources> Resize::SourcesOf(const Shape& x) const {
  if (options().mode != "nearest") return {};
  Sources sources;
  ForEachTap(options(), {1, x[1], x[2], x[3]},
             [&](int64_t, int64_t from, double) { sources.push_back(from); });
  return sources;
}

template <class S>
void Resize::Forward(const ForwardCall<S>& call) const {
  std::fill(call.y.values().begin(), call.y.values().end(), S(0));
  ForEachTap(options(), call.x[0].shape(), [&](int64_t to, int64_t from, double weight) {
    call.y[to] += static_cast<S>(weight) * call.x[0][from];
  });
}

template <class S>
void Resize::Backward(const BackwardCall<S>& call) const {
  const auto& dx = call.dx[0];
  if (!dx.present()) return;
  std::fill(dx.values().begin(), dx.values().end(), S(0));
  ForEachTap(options(), dx.shape(), [&](int64_t to, int64_t from, double weight) {
    dx[from] += static_cast<S>(weight) * call.dy[to];
  });
}

template class LayerOf<Resize, ResizeOptions>;

}  // namespace fovea
