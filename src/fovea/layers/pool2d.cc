#include "fovea/layers/pool2d.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/layers/window.h"

namespace fovea {
namespace {

int64_t PooledExtent(const char* axis, int64_t extent, int64_t before, int64_t after, int64_t kernel,
                     int64_t stride, int64_t dilation, bool ceil) {
  const int64_t window = dilation * (kernel - 1) + 1;
  if (std::max(before, after) >= window) {
    throw ShapeError(
        fmt::format("the {} padding {},{} is not smaller than the window's {}", axis, before, after, window));
  }
  if (extent < dilation && std::max(before, after) > 0) {
    throw ShapeError(
        fmt::format("the padded {} {} is smaller than the dilation {}: a window could miss the map", axis,
                    extent, dilation));
  }
  const int64_t lacking = window - (extent + before + after);
  if (ceil && lacking > 0 && lacking < stride) return 1;
  int64_t p = WindowedExtent(axis, extent, before, after, kernel, dilation, stride);
  const int64_t left_over = (extent + before + after - window) % stride;
  if (ceil && left_over != 0 && p * stride < extent + before) p++;
  return p;
}

}  // namespace

Window WindowAt(int64_t p, int64_t extent, int64_t pad_before, int64_t pad_after, int64_t kernel,
                int64_t stride, int64_t dilation) {
  const int64_t first = p * stride - pad_before;
  const int64_t end = std::min(first + dilation * (kernel - 1) + 1, extent + pad_after);
  const int64_t outside = first < 0 ? (dilation - 1 - first) / dilation : 0;
  const int64_t begin = first + outside * dilation;
  return {begin, std::max(std::min(end, extent), begin), dilation, (end - first + dilation - 1) / dilation};
}

Padding PoolPadding(const Pool2dOptions& o, const Shape& x) {
  return ResolvePadding(o.auto_pad, o.padding, x, o.kernel, o.dilation, o.stride);
}

Shape PooledShape(const Pool2dOptions& o, const Shape& x) {
  RequireMap(x);
  const Padding pad = PoolPadding(o, x);
  return {
      x[0], x[1],
      PooledExtent("height", x[2], pad.top, pad.bottom, o.kernel.h, o.stride.h, o.dilation.h, o.ceil_mode),
      PooledExtent("width", x[3], pad.left, pad.right, o.kernel.w, o.stride.w, o.dilation.w, o.ceil_mode)};
}

}  // namespace fovea
