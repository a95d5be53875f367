// Softmax over the classes of each sample, and its logarithm. The classes lie along `axis`: 1, the features of (N,C) or the channels of
// (N,C,H,W), unless it says otherwise.
//
// Softmax     y[c] = exp(x[c] - max(x)) / sum over j of exp(x[j] - max(x));  dx[c] = y[c]*(dy[c] - sum over j of dy[j]*y[j])
// LogSoftmax  y[c] = x[c] - max(x) - log(sum over j of exp(x[j] - max(x)));  dx[c] = dy[c] - exp(y[c])*(sum over j of dy[j])
// Shapes      x, y of any shape that has the axis
// Saves       y.
// Edges       Subtracting the maximum keeps every exponent at or below 0: no overflow. A NaN makes its classes NaN.
// Throws      ShapeError when x has no such axis.
// Source      Bridle 1990; ONNX Softmax and LogSoftmax (13), torch.nn.Softmax
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct SoftmaxOptions {
  int64_t axis = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("axis", o.axis, Between(1, Shape::kMaxRank - 1));
  }
};

class Softmax final : public LayerOf<Softmax, SoftmaxOptions> {
 public:
  static constexpr std::string_view kType = "softmax";
  explicit Softmax(SoftmaxOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Softmax, SoftmaxOptions>;

class LogSoftmax final : public LayerOf<LogSoftmax, SoftmaxOptions> {
 public:
  static constexpr std::string_view kType = "log_softmax";
  explicit LogSoftmax(SoftmaxOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<LogSoftmax, SoftmaxOptions>;

// The softmax of one row of `count` values, and its logarithm.
template <class S>
void SoftmaxRow(const S* x, int64_t count, S* y);
template <class S>
void LogSoftmaxRow(const S* x, int64_t count, S* y);

}  // namespace fovea
#pragma GCC visibility pop
