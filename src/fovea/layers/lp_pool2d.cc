#include "fovea/layers/lp_pool2d.h"

#include <algorithm>

namespace fovea {
namespace {

template <class S>
S Power(const S& v, int64_t exponent) {
  S power(1);
  for (int64_t i = 0; i < exponent; i++) power *= v;
  return power;
}

template <class S>
S Root(const S& v, int64_t p) {
  if (p == 1) return v;
  return p == 2 ? Sqrt(v) : static_cast<S>(Pow(v, 1.0 / static_cast<double>(p)));
}

template <class S>
S Norm(TensorView<const S> x, int64_t p, int64_t n, int64_t c, const Window& rows, const Window& columns) {
  S sum(0);
  for (int64_t h = rows.begin; h < rows.end; h += rows.step) {
    for (int64_t w = columns.begin; w < columns.end; w += columns.step) {
      const S& v = x(n, c, h, w);
      sum += Power(v < S(0) ? -v : v, p);
    }
  }
  return Root(sum, p);
}

}  // namespace

Pool2dOptions LpPool2d::WindowsOf(const Shape& x) const {
  if (!options().whole_map) return options();
  return {.kernel = {x[2], x[3]}, .stride = {x[2], x[3]}};
}

Shape LpPool2d::OutputShape(std::span<const Shape> x) const {
  RequireMap(x[0]);
  return PooledShape(WindowsOf(x[0]), x[0]);
}

template <class S>
void LpPool2d::Forward(const ForwardCall<S>& call) const {
  const auto& x = call.x[0];
  ForEachWindow(WindowsOf(x.shape()), x.shape(), call.y.shape(),
                [&](int64_t n, int64_t c, int64_t p, int64_t q, const Window& rows, const Window& columns) {
                  call.y(n, c, p, q) = Norm(x, options().p, n, c, rows, columns);
                });
}

template <class S>
void LpPool2d::Backward(const BackwardCall<S>& call) const {
  const auto &x = call.x[0], &dy = call.dy;
  const auto& dx = call.dx[0];
  if (!dx.present()) return;
  std::fill(dx.values().begin(), dx.values().end(), S(0));
  ForEachWindow(WindowsOf(x.shape()), x.shape(), dy.shape(),
                [&](int64_t n, int64_t c, int64_t p, int64_t q, const Window& rows, const Window& columns) {
                  const S y = Norm(x, options().p, n, c, rows, columns);
                  if (y == S(0)) return;
                  for (int64_t h = rows.begin; h < rows.end; h += rows.step) {
                    for (int64_t w = columns.begin; w < columns.end; w += columns.step) {
                      const S& v = x(n, c, h, w);
                      const S g = dy(n, c, p, q) * Power((v < S(0) ? -v : v) / y, options().p - 1);
                      if (v != S(0)) dx(n, c, h, w) += v < S(0) ? -g : g;
                    }
                  }
                });
}

template class LayerOf<LpPool2d, LpPool2dOptions>;

}  // namespace fovea
