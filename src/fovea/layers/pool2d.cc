#include "fovea/layers/pool2d.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/layers/window.h"

namespace fovea {
namespace {

int64_t PooledExtent(const char* axis, int64_t extent, int64_t before, int64_t after, int64_t kernel,
                     int64_t stride, bool ceil) {
  if (std::max(before, after) >= kernel) {
    throw ShapeError(
        fmt::format("the {} padding {},{} is not smaller than the window's {}", axis, before, after, kernel));
  }
  int64_t p = WindowedExtent(axis, extent, before, after, kernel, 1, stride);
  const int64_t left_over = (extent + before + after - kernel) % stride;
  if (ceil && left_over != 0 && p * stride < extent + before) p++;
  return p;
}

}  // namespace

Window WindowAt(int64_t p, int64_t extent, int64_t pad_before, int64_t pad_after, int64_t kernel,
                int64_t stride) {
  const int64_t begin = p * stride - pad_before;
  const int64_t end = std::min(begin + kernel, extent + pad_after);
  return {std::max<int64_t>(begin, 0), std::min(end, extent), end - begin};
}

Padding PoolPadding(const Pool2dOptions& o, const Shape& x) {
  return ResolvePadding(o.auto_pad, o.padding, x, o.kernel, {1, 1}, o.stride);
}

Shape PooledShape(const Pool2dOptions& o, const Shape& x) {
  RequireMap(x);
  const Padding pad = PoolPadding(o, x);
  return {x[0], x[1], PooledExtent("height", x[2], pad.top, pad.bottom, o.kernel.h, o.stride.h, o.ceil_mode),
          PooledExtent("width", x[3], pad.left, pad.right, o.kernel.w, o.stride.w, o.ceil_mode)};
}

}  // namespace fovea
