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

// y = the bias of its channel, 0 without one, for the products to be added to.
template <class S>
void StartWithBias(bool bias, const std::vector<TensorView<const S>>& w, TensorView<S> y) {
  const int64_t plane = y.extent(2) * y.extent(3);
  for (int64_t i = 0; i < y.size(); i++) y[i] = bias ? w[1][i / plane % y.extent(1)] : S(0);
}

// db += the sum of dy over the pixels of each channel.
template <class S>
void AddBiasGradient(TensorView<const S> dy, TensorView<S> db) {
  const int64_t plane = dy.extent(2) * dy.extent(3);
  for (int64_t i = 0; i < dy.size(); i++) db[i / plane % dy.extent(1)] += dy[i];
}

}  // namespace fovea
