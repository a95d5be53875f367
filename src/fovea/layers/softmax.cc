#include "fovea/layers/softmax.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

Shape Softmax::OutputShape(std::span<const Shape> x) const {
  if (x[0].rank() != 2) throw ShapeError(fmt::format("needs features (N, C), got {}", x[0].ToString()));
  return x[0];
}

template <class S>
void SoftmaxRow(const S* x, int64_t count, S* y) {
  S top = x[0], sum(0);
  for (int64_t j = 1; j < count; j++) top = x[j] > top ? x[j] : top;
  for (int64_t j = 0; j < count; j++) sum += y[j] = Exp(x[j] - top);
  for (int64_t j = 0; j < count; j++) y[j] /= sum;
}
template void SoftmaxRow(const float*, int64_t, float*);
template void SoftmaxRow(const double*, int64_t, double*);
template void SoftmaxRow(const Dual*, int64_t, Dual*);

template <class S>
void Softmax::Forward(const ForwardCall<S>& call) const {
  const int64_t c = call.y.extent(1);
  for (int64_t n = 0; n < call.y.extent(0); n++) SoftmaxRow(&call.x[0](n, 0), c, &call.y(n, 0));
}

template <class S>
void Softmax::Backward(const BackwardCall<S>& call) const {
  if (!call.dx[0].present()) return;
  const int64_t c = call.dy.extent(1);
  std::vector<S> y(static_cast<std::size_t>(c));
  for (int64_t n = 0; n < call.dy.extent(0); n++) {
    SoftmaxRow(&call.x[0](n, 0), c, y.data());
    S dot(0);
    for (int64_t j = 0; j < c; j++) dot += call.dy(n, j) * y[static_cast<std::size_t>(j)];
    for (int64_t j = 0; j < c; j++) call.dx[0](n, j) = y[static_cast<std::size_t>(j)] * (call.dy(n, j) - dot);
  }
}

template class LayerOf<Softmax, NoOptions>;

}  // namespace fovea
