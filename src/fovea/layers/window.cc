#include "fovea/layers/window.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {

int64_t WindowedExtent(const char* axis, int64_t extent, int64_t pad_before, int64_t pad_after,
                       int64_t kernel, int64_t dilation, int64_t stride) {
  const int64_t padded = CheckedAdd(extent, CheckedAdd(pad_before, pad_after)),
                window = dilation * (kernel - 1) + 1;
  if (window > padded) {
    throw ShapeError(
        fmt::format("the window's {} of {} is larger than the padded map's {}", axis, window, padded));
  }
  return (padded - window) / stride + 1;
}

Padding ResolvePadding(const std::string& auto_pad, const Padding& given, const Shape& x, Size2 kernel,
                       Size2 dilation, Size2 stride) {
  if (auto_pad == "none" || x.rank() != 4) return given;
  const auto total = [](int64_t extent, int64_t window, int64_t step) {
    return std::max<int64_t>(0, window - 1 - (extent - 1) % step);
  };
  const int64_t h = total(x[2], dilation.h * (kernel.h - 1) + 1, stride.h),
                w = total(x[3], dilation.w * (kernel.w - 1) + 1, stride.w);
  if (auto_pad == "same") return {h / 2, w / 2, h - h / 2, w - w / 2};
  return {h - h / 2, w - w / 2, h / 2, w / 2};
}

}  // namespace fovea
