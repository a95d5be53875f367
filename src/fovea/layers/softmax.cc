#include "fovea/layers/softmax.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"

namespace fovea {
namespace {

Shape CheckedAxis(const Shape& x, int64_t axis) {
  if (x.rank() > axis) return x;
  throw ShapeError(fmt::format("needs an axis {} for its classes, got {}", axis, x.ToString()));
}

// The values along an axis as rows: copies of them, which visit(number of the row) may change.
template <class S>
class Rows {
 public:
  Rows(const Shape& shape, int64_t axis) : count_(shape[static_cast<int>(axis)]) {
    for (auto i = static_cast<int>(axis) + 1; i < shape.rank(); i++) inner_ *= shape[i];
    rows_ = shape.Size() / count_;
  }

  int64_t count() const { return count_; }
  int64_t rows() const { return rows_; }
  std::vector<S> Read(TensorView<const S> x, int64_t row) const {
    std::vector<S> values;
    for (int64_t j = 0; j < count_; j++) values.push_back(x[At(row, j)]);
    return values;
  }
  void Write(const std::vector<S>& values, int64_t row, TensorView<S> y) const {
    for (int64_t j = 0; j < count_; j++) y[At(row, j)] = values[static_cast<std::size_t>(j)];
  }

 private:
  int64_t At(int64_t row, int64_t j) const { return (row / inner_ * count_ + j) * inner_ + row % inner_; }

  int64_t count_, rows_ = 0, inner_ = 1;
};

template <class S>
using RowFunction = void (*)(const S* x, int64_t count, S* y);

template <class S>
void ForwardRows(const ForwardCall<S>& call, int64_t axis, RowFunction<S> function) {
  const Rows<S> rows(call.y.shape(), axis);
  for (int64_t row = 0; row < rows.rows(); row++) {
    std::vector<S> values = rows.Read(call.x[0], row);
    function(values.data(), rows.count(), values.data());
    rows.Write(values, row, call.y);
  }
}

// gradient(y, dy) replaces dy by dx.
template <class S, class Gradient>
void BackwardRows(const BackwardCall<S>& call, int64_t axis, RowFunction<S> function,
                  const Gradient& gradient) {
  if (!call.dx[0].present()) return;
  const Rows<S> rows(call.dy.shape(), axis);
  for (int64_t row = 0; row < rows.rows(); row++) {
    std::vector<S> y = rows.Read(call.x[0], row), dy = rows.Read(call.dy, row);
    function(y.data(), rows.count(), y.data());
    gradient(y, dy);
    rows.Write(dy, row, call.dx[0]);
  }
}

}  // namespace

Shape Softmax::OutputShape(std::span<const Shape> x) const { return CheckedAxis(x[0], options().axis); }
Shape LogSoftmax::OutputShape(std::span<const Shape> x) const { return CheckedAxis(x[0], options().axis); }

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
void LogSoftmaxRow(const S* x, int64_t count, S* y) {
  S top = x[0], sum(0);
  for (int64_t j = 1; j < count; j++) top = x[j] > top ? x[j] : top;
  for (int64_t j = 0; j < count; j++) sum += Exp(x[j] - top);
  const S log = Log(sum);
  for (int64_t j = 0; j < count; j++) y[j] = x[j] - top - log;
}
template void LogSoftmaxRow(const float*, int64_t, float*);
template void LogSoftmaxRow(const double*, int64_t, double*);
template void LogSoftmaxRow(const Dual*, int64_t, Dual*);

template <class S>
void Softmax::Forward(const ForwardCall<S>& call) const {
  ForwardRows<S>(call, options().axis, SoftmaxRow);
}

template <class S>
void Softmax::Backward(const BackwardCall<S>& call) const {
  BackwardRows<S>(call, options().axis, SoftmaxRow, [](const std::vector<S>& y, std::vector<S>& dy) {
    S dot(0);
    for (std::size_t j = 0; j < y.size(); j++) dot += dy[j] * y[j];
    for (std::size_t j = 0; j < y.size(); j++) dy[j] = y[j] * (dy[j] - dot);
  });
}

template <class S>
void LogSoftmax::Forward(const ForwardCall<S>& call) const {
  ForwardRows<S>(call, options().axis, LogSoftmaxRow);
}

template <class S>
void LogSoftmax::Backward(const BackwardCall<S>& call) const {
  BackwardRows<S>(call, options().axis, LogSoftmaxRow, [](const std::vector<S>& y, std::vector<S>& dy) {
    S sum(0);
    for (const S& v : dy) sum += v;
    for (std::size_t j = 0; j < y.size(); j++) dy[j] -= Exp(y[j]) * sum;
  });
}

template class LayerOf<Softmax, SoftmaxOptions>;
template class LayerOf<LogSoftmax, SoftmaxOptions>;

}  // namespace fovea
