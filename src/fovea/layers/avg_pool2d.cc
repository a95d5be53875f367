#include "fovea/layers/avg_pool2d.h"

namespace fovea {

template <class S>
void AvgPool2d::Forward(const ForwardCall<S>& call) const {
  const auto& x = call.x[0];
  ForEachWindow(options(), x.shape(), call.y.shape(),
                [&](int64_t n, int64_t c, int64_t p, int64_t q, const Window& rows, const Window& columns) {
                  S sum(0);
                  for (int64_t h = rows.begin; h < rows.end; h += rows.step) {
                    for (int64_t w = columns.begin; w < columns.end; w += columns.step) sum += x(n, c, h, w);
                  }
                  call.y(n, c, p, q) = sum / static_cast<S>(Divisor(rows, columns));
                });
}

template <class S>
void AvgPool2d::Backward(const BackwardCall<S>& call) const {
  const auto& dx = call.dx[0];
  if (!dx.present()) return;
  std::fill(dx.values().begin(), dx.values().end(), S(0));
  ForEachWindow(options(), call.x[0].shape(), call.dy.shape(),
                [&](int64_t n, int64_t c, int64_t p, int64_t q, const Window& rows, const Window& columns) {
                  const S share = call.dy(n, c, p, q) / static_cast<S>(Divisor(rows, columns));
                  for (int64_t h = rows.begin; h < rows.end; h += rows.step) {
                    for (int64_t w = columns.begin; w < columns.end; w += columns.step)
                      dx(n, c, h, w) += share;
                  }
                });
}

template class LayerOf<AvgPool2d, AvgPool2dOptions>;

}  // namespace fovea
