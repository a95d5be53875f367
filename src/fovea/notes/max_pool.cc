#include "fovea/notes/max_pool.h"

#include <cmath>

namespace fovea::notes {
namespace {

struct Maximum {
  double value;
  int64_t i, j;  // its place in the window: the first of ties, or the first NaN
};

// Calls visit(n, c, k, l, maximum of the window).
template <class Visit>
void ForEachWindow(TensorView<const double> x, const PoolWindow& p, const Visit& visit) {
  const int64_t rows = (x.extent(2) - p.h) / p.stride + 1, columns = (x.extent(3) - p.w) / p.stride + 1;
  for (int64_t n = 0; n < x.extent(0); n++)
    for (int64_t c = 0; c < x.extent(1); c++)
      for (int64_t k = 0; k < rows; k++)
        for (int64_t l = 0; l < columns; l++) {
          Maximum top{x(n, c, k * p.stride, l * p.stride), 0, 0};
          for (int64_t i = 0; i < p.h; i++)
            for (int64_t j = 0; j < p.w; j++) {
              const double value = x(n, c, k * p.stride + i, l * p.stride + j);
              if (std::isnan(top.value) || value <= top.value) continue;
              top = {value, i, j};
            }
          visit(n, c, k, l, top);
        }
}

}  // namespace

Tensor<double> MaxPoolForward(TensorView<const double> x, const PoolWindow& p) {
  Tensor<double> y(
      {x.extent(0), x.extent(1), (x.extent(2) - p.h) / p.stride + 1, (x.extent(3) - p.w) / p.stride + 1});
  ForEachWindow(x, p, [&](auto n, auto c, auto k, auto l, const Maximum& top) { y(n, c, k, l) = top.value; });
  return y;
}

Tensor<double> MaxPoolDx(TensorView<const double> dy, TensorView<const double> x, const PoolWindow& p) {
  Tensor<double> dx(x.shape());
  ForEachWindow(x, p, [&](auto n, auto c, auto k, auto l, const Maximum& top) {
    dx(n, c, k * p.stride + top.i, l * p.stride + top.j) += dy(n, c, k, l);
  });
  return dx;
}

Tensor<double> MaxPoolDxPlaneWide(TensorView<const double> dy, TensorView<const double> x,
                                  const PoolWindow& p) {
  Tensor<double> dx(x.shape());
  ForEachWindow(x, p, [&](auto n, auto c, auto k, auto l, const Maximum& top) {
    for (int64_t i = 0; i < x.extent(2); i++)
      for (int64_t j = 0; j < x.extent(3); j++) {
        if (x(n, c, i, j) != top.value) continue;
        dx(n, c, i, j) += dy(n, c, k, l);
        return;
      }
  });
  return dx;
}

Tensor<double> MaxPoolDxAllTies(TensorView<const double> dy, TensorView<const double> x,
                                const PoolWindow& p) {
  Tensor<double> dx(x.shape());
  ForEachWindow(x, p, [&](auto n, auto c, auto k, auto l, const Maximum& top) {
    for (int64_t i = 0; i < p.h; i++)
      for (int64_t j = 0; j < p.w; j++) {
        const bool mask = x(n, c, k * p.stride + i, l * p.stride + j) == top.value;
        dx(n, c, k * p.stride + i, l * p.stride + j) += mask ? dy(n, c, k, l) : 0;
      }
  });
  return dx;
}

}  // namespace fovea::notes
