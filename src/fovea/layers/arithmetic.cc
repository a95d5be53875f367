#include "fovea/layers/arithmetic.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

std::vector<ParameterSpec> OperandParameters(const OperandOptions& options, double start) {
  if (options.operand.empty()) return {};
  return {{"operand", Shape(options.operand), Role::kBias, {.kind = Init::kConstant, .value = start}}};
}

Shape ArithmeticShape(const OperandOptions& options, std::span<const Shape> x) {
  Shape y = x[0];
  for (const Shape& other : x.subspan(1)) {
    if (other.rank() != y.rank() || other[0] != y[0]) {
      throw ShapeError(fmt::format("needs inputs of one rank and batch, got {} and {}; reshape one of them",
                                   y.ToString(), other.ToString()));
    }
    y = BroadcastShape(y, other);
  }
  if (options.operand.empty()) return y;
  const Shape operand(options.operand);
  if (operand.rank() >= y.rank()) {
    throw ShapeError(fmt::format("needs an operand without the batch axis, got {} for {}", operand.ToString(),
                                 y.ToString()));
  }
  return BroadcastShape(y, operand);
}

template <class S>
Partials<S> Subtract::At(S a, S b) {
  return {a - b, S(1), S(-1)};
}

template <class S>
Partials<S> Multiply::At(S a, S b) {
  return {a * b, b, a};
}

template <class S>
Partials<S> Divide::At(S a, S b) {
  const S y = a / b;
  return {y, S(1) / b, -y / b};
}

namespace {

template <class S>
Partials<S> Chosen(bool a_wins, bool b_wins, S a, S b) {
  const S tie(0.5);
  return {IsNan(a)             ? a
          : IsNan(b) || b_wins ? b
                               : a,
          b_wins   ? S(0)
          : a_wins ? S(1)
                   : tie,
          a_wins   ? S(0)
          : b_wins ? S(1)
                   : tie};
}

}  // namespace

template <class S>
Partials<S> Minimum::At(S a, S b) {
  return Chosen(a < b, b < a, a, b);
}

template <class S>
Partials<S> Maximum::At(S a, S b) {
  return Chosen(a > b, b > a, a, b);
}

template <class S>
Partials<S> Power::At(S a, S b) {
  const S y = Pow(a, b);
  return {y, b == S(0) ? S(0) : b * Pow(a, b - S(1)), a == S(0) ? S(0) : y * Log(a)};
}

template class LayerOf<Subtract, DirectedOptions>;
template class LayerOf<Multiply, OperandOptions>;
template class LayerOf<Divide, DirectedOptions>;
template class LayerOf<Minimum, OperandOptions>;
template class LayerOf<Maximum, OperandOptions>;
template class LayerOf<Power, DirectedOptions>;

}  // namespace fovea
