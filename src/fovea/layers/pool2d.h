// What the sliding windows of max and average pooling share: hyper-parameters, the shape rule and the walk.
//
// P = floor or ceil((H + pt + pb - rh*(kh-1) - 1) / sh) + 1. With ceil_mode a last window that would start
// beyond the map and its top padding is dropped, as in PyTorch and Caffe, and a map may be
// smaller than its only window by less than the stride. With dilation r the places of a window lie
// r apart.
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct Pool2dOptions {
  Size2 kernel{2, 2};
  Size2 stride{2, 2};
  Size2 dilation{1, 1};
  Padding padding{};
  bool ceil_mode = false;
  std::string auto_pad = "none";  // or "same", "same_lower": padding from the input, see window.h

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("kernel", o.kernel, Distance(1));
    field("stride", o.stride, Distance(1));
    field("dilation", o.dilation, Distance(1));
    field("padding", o.padding, Distance(0));
    field("ceil_mode", o.ceil_mode, Any());
    field("auto_pad", o.auto_pad, OneOf({"none", "same", "same_lower"}));
  }
};

// The places of one window along one axis that lie inside the map, begin, begin + step, ... before end, and how many lie inside
// map and padding, `padded`.
struct Window {
  int64_t begin = 0, end = 0, step = 1, padded = 0;

  int64_t Count() const { return (end - begin + step - 1) / step; }
};
Window WindowAt(int64_t p, int64_t extent, int64_t pad_before, int64_t pad_after, int64_t kernel,
                int64_t stride, int64_t dilation);

// The padding that this input gets.
Padding PoolPadding(const Pool2dOptions& o, const Shape& x);

// Throws ShapeError when a window does not fit, padding is not smaller than the window, or a map with padding is smaller than the
// dilation: a window could then miss it.
Shape PooledShape(const Pool2dOptions& o, const Shape& x);

// Calls visit(n, c, p, q, rows, columns) for every window.
template <class Visit>
void ForEachWindow(const Pool2dOptions& o, const Shape& x, const Shape& y, const Visit& visit) {
  const Padding pad = PoolPadding(o, x);
  for (int64_t n = 0; n < y[0]; n++)
    for (int64_t c = 0; c < y[1]; c++)
      for (int64_t p = 0; p < y[2]; p++)
        for (int64_t q = 0; q < y[3]; q++) {
          visit(n, c, p, q, WindowAt(p, x[2], pad.top, pad.bottom, o.kernel.h, o.stride.h, o.dilation.h),
                WindowAt(q, x[3], pad.left, pad.right, o.kernel.w, o.stride.w, o.dilation.w));
        }
}

}  // namespace fovea
#pragma GCC visibility pop
