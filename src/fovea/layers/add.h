// Element-wise sum of two or more inputs, the residual join, or of one input and a constant operand.
//   y = x[0] + x[1] + ..., added in that order, then + operand
// Shapes    x (N,...) of equal rank, y of the shape that they broadcast to (broadcast.h); with `operand`, a shape without the batch, a
//           parameter "operand" (operand...): a bias of any shape
// Saves     nothing.
// Backward  dx[i] = dy, summed over the axes that it was broadcast along, in row-major order; likewise the operand's, accumulated
// Throws    ShapeError when the shapes do not broadcast, or the inputs differ in rank or batch.
// Source    He et al. 2015, arXiv:1512.03385 (the residual join); ONNX Add and Sum
#pragma once

#include "fovea/layers/arithmetic.h"

#pragma GCC visibility push(default)
namespace fovea {

class Add final : public LayerOf<Add, OperandOptions> {
 public:
  static constexpr std::string_view kType = "add";
  explicit Add(OperandOptions options = {}) : LayerOf(std::move(options)) {}

  bool HasOperand() const { return !options().operand.empty(); }
  Arity Inputs() const override { return {HasOperand() ? 1 : 2, 64}; }
  Shape OutputShape(std::span<const Shape> x) const override { return ArithmeticShape(options(), x); }
  std::vector<ParameterSpec> Parameters(std::span<const Shape>) const override {
    return OperandParameters(options(), 0);
  }

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Add, OperandOptions>;

}  // namespace fovea
#pragma GCC visibility pop
