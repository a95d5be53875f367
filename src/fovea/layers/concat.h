// Inputs joined along an axis, in their order: 1, the channels (the features), unless it says otherwise.
//   y[n, C0 + ... + C(i-1) + c] = x[i][n, c]
// Shapes    x[i] (N,Ci,...) equal but for Ci, the extent along the axis; y (N, sum of Ci, ...)
// Saves     nothing.
// Backward  dx[i] = the part of dy that came from x[i]
// Throws    ShapeError when the shapes differ in more than that axis, or have no such axis.
// Source    ONNX Concat, torch.cat
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ConcatOptions {
  int64_t axis = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("axis", o.axis, Between(1, Shape::kMaxRank - 1));
  }
};

class Concat final : public LayerOf<Concat, ConcatOptions> {
 public:
  static constexpr std::string_view kType = "concat";
  explicit Concat(ConcatOptions options = {}) : LayerOf(options) {}

  Arity Inputs() const override { return {1, 1024}; }
  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;

 private:
  int64_t Parts(const Shape& x) const;
};
extern template class LayerOf<Concat, ConcatOptions>;

}  // namespace fovea
#pragma GCC visibility pop
