// The multiply-adds of a convolution, for it and for its transpose.
#pragma once

#include "fovea/layers/conv2d.h"

namespace fovea {

// Calls visit(n, k, c, cw, p, q, r, s, h, w) for every multiply-add that reads inside the map x and makes y; c counts channels of
// x, cw channels of the filter.
template <class Visit>
void ForEachProduct(const Conv2dOptions& o, const Shape& x, const Shape& y, const Visit& visit) {
  const int64_t cg = x[1] / o.groups, kg = o.filters / o.groups;
  for (int64_t n = 0; n < y[0]; n++)
    for (int64_t k = 0; k < y[1]; k++)
      for (int64_t p = 0; p < y[2]; p++)
        for (int64_t q = 0; q < y[3]; q++)
          for (int64_t cw = 0; cw < cg; cw++)
            for (int64_t r = 0; r < o.kernel.h; r++)
              for (int64_t s = 0; s < o.kernel.w; s++) {
                const int64_t h = p * o.stride.h + r * o.dilation.h - o.padding.top;
                const int64_t w = q * o.stride.w + s * o.dilation.w - o.padding.left;
                if (h < 0 || h >= x[2] || w < 0 || w >= x[3]) continue;
                visit(n, k, k / kg * cg + cw, cw, p, q, r, s, h, w);
              }
}

}  // namespace fovea
