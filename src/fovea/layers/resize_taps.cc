#include "fovea/layers/resize_taps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/error.h"

namespace fovea {
namespace {

struct Axis {
  int64_t in, out;
  int64_t size;  // asked for; 0 for the scale
  double scale;

  // Places of y in units of x; of sizes by one division, which is exact where the quotient is whole.
  double Unscale(double v) const {
    return size == 0 ? v / scale : v * static_cast<double>(in) / static_cast<double>(out);
  }
  // How much longer y is than its places say.
  double Excess() const {
    return size == 0 ? static_cast<double>(out) / (scale * static_cast<double>(in)) : 1;
  }
};

double Place(const std::string& coordinates, const Axis& axis, int64_t p) {
  const auto at = static_cast<double>(p);
  if (coordinates == "asymmetric") return axis.Unscale(at);
  if (coordinates == "tf_half_pixel_for_nn") return axis.Unscale(at + 0.5);
  if (coordinates == "align_corners") {
    return axis.out == 1 ? 0 : at * static_cast<double>(axis.in - 1) / static_cast<double>(axis.out - 1);
  }
  if (coordinates == "pytorch_half_pixel" && axis.out == 1) return 0;
  const double half = axis.Unscale(at + 0.5) - 0.5;
  if (coordinates != "half_pixel_symmetric") return half;
  return half + static_cast<double>(axis.in) / 2 * (1 - axis.Excess());
}

double Nearest(const std::string& rule, double v) {
  if (rule == "floor") return std::floor(v);
  if (rule == "ceil") return std::ceil(v);
  return rule == "round_prefer_floor" ? std::ceil(v - 0.5) : std::floor(v + 0.5);
}

// Keys 1981, at distances 1 + t, t, 1 - t, 2 - t.
ResizeTaps CubicTaps(double a, int64_t first, double t) {
  const auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {{first - 1, far(1 + t)}, {first, near(t)}, {first + 1, near(1 - t)}, {first + 2, far(2 - t)}};
}

ResizeTaps TapsAt(const ResizeOptions& o, double v) {
  if (o.mode == "nearest") return {{static_cast<int64_t>(Nearest(o.nearest, v)), 1}};
  const double floor = std::floor(v), t = v - floor;
  const auto first = static_cast<int64_t>(floor);
  if (o.mode == "linear") return {{first, 1 - t}, {first + 1, t}};
  return CubicTaps(o.cubic_coeff_a, first, t);
}

std::vector<ResizeTaps> AxisTaps(const ResizeOptions& o, const Axis& axis) {
  std::vector<ResizeTaps> all;
  for (int64_t p = 0; p < axis.out; p++) {
    ResizeTaps taps = TapsAt(o, Place(o.coordinates, axis, p));
    double inside = 0;
    for (const ResizeTap& tap : taps) inside += tap.at >= 0 && tap.at < axis.in ? tap.weight : 0;
    // Where no tap is inside, all read the edge.
    const bool excludes = o.exclude_outside && inside != 0;
    for (ResizeTap& tap : taps) {
      if (excludes) tap.weight = tap.at >= 0 && tap.at < axis.in ? tap.weight / inside : 0;
      tap.at = std::clamp<int64_t>(tap.at, 0, axis.in - 1);
    }
    all.push_back(std::move(taps));
  }
  return all;
}

}  // namespace

int64_t ResizedExtent(int64_t size, double scale, int64_t extent) {
  if (size != 0) return size;
  const double scaled = std::floor(static_cast<double>(extent) * scale);
  if (scaled < 1)
    throw ShapeError(fmt::format("nothing is left of an extent of {} scaled by {}", extent, scale));
  if (scaled >= 0x1p62)
    throw ShapeError(fmt::format("an extent of {} scaled by {} is too large", extent, scale));
  return static_cast<int64_t>(scaled);
}

std::vector<ResizeTaps> RowTaps(const ResizeOptions& o, const Shape& x) {
  return AxisTaps(o, {x[2], ResizedExtent(o.sizes.h, o.scale_h, x[2]), o.sizes.h, o.scale_h});
}
std::vector<ResizeTaps> ColumnTaps(const ResizeOptions& o, const Shape& x) {
  return AxisTaps(o, {x[3], ResizedExtent(o.sizes.w, o.scale_w, x[3]), o.sizes.w, o.scale_w});
}

}  // namespace fovea
