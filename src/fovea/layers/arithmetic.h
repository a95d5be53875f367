// Element-wise arithmetic of two inputs a and b, or of one input and a constant operand, with broadcasting (broadcast.h). add.h has the
// sum.
//
// Subtract  y = a - b;       da = dy;  db = -dy
// Multiply  y = a*b;         da = b*dy;  db = a*dy
// Divide    y = a/b;         da = dy/b;  db = -y/b*dy
// Minimum   y = min(a, b);   dy to the smaller one, half to each where they are equal
// Maximum   y = max(a, b);   dy to the larger one, half to each where they are equal
// Power     y = a^b;         da = b*a^(b-1)*dy;  db = y*log(a)*dy, 0 where a = 0
//
// Shapes    a, b (N,...) of equal rank, y of the shape that they broadcast to. With `operand`, a shape without the batch: one input, and
//           a parameter "operand" (operand...) in the place of b, or of a with operand_first. It learns like a bias: without weight decay
// Saves     nothing beyond the inputs.
// Backward  as above, summed over the axes that an input was broadcast along, in row-major order
// Edges     IEEE: 1/0 = infinity, 0/0 = NaN. A NaN on either side gives NaN. A negative a has powers of whole exponents alone, and NaN
//           for db. A constant operand starts as 1 (multiply, divide, power) or 0.
// Throws    ShapeError when the shapes do not broadcast, or two inputs differ in rank or batch.
// Source    the rules of numpy, ONNX and PyTorch
#pragma once

#include "fovea/layers/broadcast.h"
#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct OperandOptions {
  std::vector<int64_t> operand = {};  // empty: two inputs; [1]: one number

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("operand", o.operand, AtLeast(1));
  }
};

struct DirectedOptions : OperandOptions {
  bool operand_first = false;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    OperandOptions::Fields(o, field);
    field("operand_first", o.operand_first, Any());
  }
};

// The constant operand as a parameter that starts at `start`; none when its shape is empty.
std::vector<ParameterSpec> OperandParameters(const OperandOptions& options, double start);
// Of the inputs and the operand. Throws as above.
Shape ArithmeticShape(const OperandOptions& options, std::span<const Shape> x);

// A value and its derivatives by both sides.
template <class S>
struct Partials {
  S value, by_a, by_b;
};

// L states its arithmetic once, as Partials<S> At(S a, S b), and kStart, where a constant operand starts.
template <class L, class OptionsOfL>
class ArithmeticOf : public LayerOf<L, OptionsOfL> {
 public:
  explicit ArithmeticOf(OptionsOfL options = {}) : LayerOf<L, OptionsOfL>(std::move(options)) {}

  Layer::Arity Inputs() const final { return HasOperand() ? Layer::Arity{1, 1} : Layer::Arity{2, 2}; }
  Shape OutputShape(std::span<const Shape> x) const final { return ArithmeticShape(this->options(), x); }
  std::vector<ParameterSpec> Parameters(std::span<const Shape>) const final {
    return OperandParameters(this->options(), L::kStart);
  }
  bool HasOperand() const { return !this->options().operand.empty(); }
  bool OperandFirst() const {
    if constexpr (requires { this->options().operand_first; })
      return HasOperand() && this->options().operand_first;
    return false;
  }

  template <class S>
  void Forward(const ForwardCall<S>& call) const {
    const auto [a, b] = Sides(call.x, call.w);
    const Broadcast at_a(a.shape(), call.y.shape()), at_b(b.shape(), call.y.shape());
    for (int64_t i = 0; i < call.y.size(); i++) call.y[i] = L::At(a[at_a(i)], b[at_b(i)]).value;
  }

  template <class S>
  void Backward(const BackwardCall<S>& call) const {
    const auto [a, b] = Sides(call.x, call.w);
    const auto [da, db] = Sides(call.dx, call.dw);
    const Broadcast at_a(a.shape(), call.dy.shape()), at_b(b.shape(), call.dy.shape());
    for (const auto& dx : call.dx) {
      if (dx.present()) std::fill(dx.values().begin(), dx.values().end(), S(0));
    }
    for (int64_t i = 0; i < call.dy.size(); i++) {
      const Partials<S> p = L::At(a[at_a(i)], b[at_b(i)]);
      if (da.present()) da[at_a(i)] += call.dy[i] * p.by_a;
      if (db.present()) db[at_b(i)] += call.dy[i] * p.by_b;
    }
  }

 private:
  template <class T>
  std::pair<TensorView<T>, TensorView<T>> Sides(const std::vector<TensorView<T>>& x,
                                                const std::vector<TensorView<T>>& w) const {
    if (!HasOperand()) return {x[0], x[1]};
    return OperandFirst() ? std::pair{w[0], x[0]} : std::pair{x[0], w[0]};
  }
};

class Subtract final : public ArithmeticOf<Subtract, DirectedOptions> {
 public:
  static constexpr std::string_view kType = "subtract";
  static constexpr double kStart = 0;
  using ArithmeticOf::ArithmeticOf;

  template <class S>
  static Partials<S> At(S a, S b);
};
extern template class LayerOf<Subtract, DirectedOptions>;

class Multiply final : public ArithmeticOf<Multiply, OperandOptions> {
 public:
  static constexpr std::string_view kType = "multiply";
  static constexpr double kStart = 1;
  using ArithmeticOf::ArithmeticOf;

  template <class S>
  static Partials<S> At(S a, S b);
};
extern template class LayerOf<Multiply, OperandOptions>;

class Divide final : public ArithmeticOf<Divide, DirectedOptions> {
 public:
  static constexpr std::string_view kType = "divide";
  static constexpr double kStart = 1;
  using ArithmeticOf::ArithmeticOf;

  template <class S>
  static Partials<S> At(S a, S b);
};
extern template class LayerOf<Divide, DirectedOptions>;

class Minimum final : public ArithmeticOf<Minimum, OperandOptions> {
 public:
  static constexpr std::string_view kType = "minimum";
  static constexpr double kStart = 0;
  using ArithmeticOf::ArithmeticOf;

  template <class S>
  static Partials<S> At(S a, S b);
};
extern template class LayerOf<Minimum, OperandOptions>;

class Maximum final : public ArithmeticOf<Maximum, OperandOptions> {
 public:
  static constexpr std::string_view kType = "maximum";
  static constexpr double kStart = 0;
  using ArithmeticOf::ArithmeticOf;

  template <class S>
  static Partials<S> At(S a, S b);
};
extern template class LayerOf<Maximum, OperandOptions>;

class Power final : public ArithmeticOf<Power, DirectedOptions> {
 public:
  static constexpr std::string_view kType = "power";
  static constexpr double kStart = 1;
  using ArithmeticOf::ArithmeticOf;

  template <class S>
  static Partials<S> At(S a, S b);
};
extern template class LayerOf<Power, DirectedOptions>;

}  // namespace fovea
#pragma GCC visibility pop
