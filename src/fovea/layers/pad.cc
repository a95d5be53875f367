#include "fovea/layers/pad.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {
namespace {

// Which number of an axis of x stands at each place of that of y; kNothing for the constant.
std::vector<int64_t> AxisSources(const std::string& mode, int64_t before, int64_t extent, int64_t after) {
  std::vector<int64_t> sources;
  for (int64_t i = -before; i < extent + after; i++) {
    if (i >= 0 && i < extent) {
      sources.push_back(i);
    } else if (mode == "constant") {
      sources.push_back(kNothing);
    } else if (mode == "edge") {
      sources.push_back(std::clamp<int64_t>(i, 0, extent - 1));
    } else {
      sources.push_back(i < 0 ? -i : 2 * (extent - 1) - i);
    }
  }
  return sources;
}

int64_t PaddedExtent(const char* axis, const std::string& mode, int64_t before, int64_t extent,
                     int64_t after) {
  if (mode == "reflect" && std::max(before, after) >= extent) {
    throw ShapeError(fmt::format("reflection needs padding of less than the {} of {}, got {} and {}", axis,
                                 extent, before, after));
  }
  return CheckedAdd(CheckedAdd(before, extent), after);
}

}  // namespace

Shape Pad::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  RequireMap(x);
  const PadOptions& o = options();
  return {x[0], PaddedExtent("channels", o.mode, o.front, x[1], o.back),
          PaddedExtent("height", o.mode, o.padding.top, x[2], o.padding.bottom),
          PaddedExtent("width", o.mode, o.padding.left, x[3], o.padding.right)};
}

std::optional<Sources> Pad::SourcesOf(const Shape& x) const {
  const PadOptions& o = options();
  const auto rows = AxisSources(o.mode, o.padding.top, x[2], o.padding.bottom);
  const auto columns = AxisSources(o.mode, o.padding.left, x[3], o.padding.right);
  Sources sources;
  for (const int64_t c : AxisSources(o.mode, o.front, x[1], o.back)) {
    for (const int64_t h : rows) {
      for (const int64_t w : columns) {
        const bool outside = c == kNothing || h == kNothing || w == kNothing;
        sources.push_back(outside ? kNothing : (c * x[2] + h) * x[3] + w);
      }
    }
  }
  return sources;
}

template class LayerOf<Pad, PadOptions>;

}  // namespace fovea
