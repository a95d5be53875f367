#include "fovea/layers/add.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

Shape Add::OutputShape(std::span<const Shape> x) const {
  for (const Shape& other : x) {
    if (other != x[0]) {
      throw ShapeError(fmt::format("adds equal shapes, got {} and {}", x[0].ToString(), other.ToString()));
    }
  }
  return x[0];
}

template <class S>
void Add::Forward(const ForwardCall<S>& call) const {
  for (int64_t i = 0; i < call.y.size(); i++) {
    S sum = call.x[0][i];
    for (std::size_t j = 1; j < call.x.size(); j++) sum += call.x[j][i];
    call.y[i] = sum;
  }
}

template <class S>
void Add::Backward(const BackwardCall<S>& call) const {
  for (const auto& dx : call.dx) {
    if (dx.present()) std::copy(call.dy.values().begin(), call.dy.values().end(), dx.data());
  }
}

template class LayerOf<Add, NoOptions>;

}  // namespace fovea
