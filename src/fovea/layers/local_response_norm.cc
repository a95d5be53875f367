#include "fovea/layers/local_response_norm.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea {
namespace {

// One pixel of one sample: its channels are `step` numbers apart.
struct Column {
  int64_t first, step, channels;
  int64_t At(int64_t c) const { return first + c * step; }
};

template <class Visit>
void ForEachColumn(const Shape& x, const Visit& visit) {
  const int64_t plane = x.Size() / (x[0] * x[1]);
  for (int64_t n = 0; n < x[0]; n++) {
    for (int64_t i = 0; i < plane; i++) visit(Column{n * x[1] * plane + i, plane, x[1]});
  }
}

template <class S>
std::vector<S> Scales(const LocalResponseNormOptions& o, const Column& column, TensorView<const S> x) {
  const S share = static_cast<S>(o.alpha / static_cast<double>(o.size));
  std::vector<S> scales;
  for (int64_t c = 0; c < column.channels; c++) {
    S sum(0);
    const int64_t end = std::min(column.channels - 1, c + o.size / 2);
    for (int64_t j = std::max<int64_t>(0, c - (o.size - 1) / 2); j <= end; j++)
      sum += x[column.At(j)] * x[column.At(j)];
    scales.push_back(static_cast<S>(o.bias) + share * sum);
  }
  return scales;
}

template <class S>
S Power(const S& v, double exponent) {
  return static_cast<S>(Pow(v, exponent));
}

}  // namespace

Shape LocalResponseNorm::OutputShape(std::span<const Shape> x) const {
  if (x[0].rank() < 2) throw ShapeError(fmt::format("needs channels (N, C, ...), got {}", x[0].ToString()));
  return x[0];
}

template <class S>
void LocalResponseNorm::Forward(const ForwardCall<S>& call) const {
  const auto& x = call.x[0];
  ForEachColumn(x.shape(), [&](const Column& column) {
    const std::vector<S> s = Scales(options(), column, x);
    for (int64_t c = 0; c < column.channels; c++) {
      const int64_t at = column.At(c);
      call.y[at] = x[at] * Power(s[static_cast<std::size_t>(c)], -options().beta);
    }
  });
}

template <class S>
void LocalResponseNorm::Backward(const BackwardCall<S>& call) const {
  const LocalResponseNormOptions& o = options();
  const auto &x = call.x[0], &dy = call.dy;
  const auto& dx = call.dx[0];
  if (!dx.present()) return;
  const S factor = static_cast<S>(2 * o.alpha * o.beta / static_cast<double>(o.size));
  ForEachColumn(x.shape(), [&](const Column& column) {
    const std::vector<S> s = Scales(o, column, x);
    std::vector<S> term;  // dy*x*s^(-beta-1)
    for (int64_t c = 0; c < column.channels; c++) {
      const int64_t at = column.At(c);
      term.push_back(dy[at] * x[at] * Power(s[static_cast<std::size_t>(c)], -o.beta - 1));
    }
    for (int64_t j = 0; j < column.channels; j++) {
      S sum(0);
      const int64_t end = std::min(column.channels - 1, j + (o.size - 1) / 2);
      for (int64_t c = std::max<int64_t>(0, j - o.size / 2); c <= end; c++)
        sum += term[static_cast<std::size_t>(c)];
      const int64_t at = column.At(j);
      dx[at] = dy[at] * Power(s[static_cast<std::size_t>(j)], -o.beta) - factor * x[at] * sum;
    }
  });
}

template class LayerOf<LocalResponseNorm, LocalResponseNormOptions>;

}  // namespace fovea
