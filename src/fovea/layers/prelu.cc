#include "fovea/layers/prelu.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

// Visits every element of x with the index of its slope: visit(element, slope).
template <class Visit>
void ForEach(const Shape& x, bool per_channel, const Visit& visit) {
  const int64_t channels = x[1], plane = x.Size() / (x[0] * channels);
  for (int64_t row = 0; row < x[0] * channels; row++) {
    const int64_t slope = per_channel ? row % channels : 0;
    for (int64_t i = row * plane; i < (row + 1) * plane; i++) visit(i, slope);
  }
}

}  // namespace

Shape Prelu::OutputShape(std::span<const Shape> x) const {
  if (x[0].rank() < 2) throw ShapeError(fmt::format("needs channels (N, C, ...), got {}", x[0].ToString()));
  return x[0];
}

std::vector<ParameterSpec> Prelu::Parameters(std::span<const Shape> x) const {
  const int64_t slopes = options().per_channel ? x[0][1] : 1;
  return {{"weight", {slopes}, Role::kScale, {.kind = Init::kConstant, .value = options().init}}};
}

template <class S>
void Prelu::Forward(const ForwardCall<S>& call) const {
  ForEach(call.y.shape(), options().per_channel, [&](int64_t i, int64_t slope) {
    const S& x = call.x[0][i];
    call.y[i] = x > S(0) ? x : call.w[0][slope] * x;
  });
}

template <class S>
void Prelu::Backward(const BackwardCall<S>& call) const {
  const bool wants_dx = call.dx[0].present();
  ForEach(call.dy.shape(), options().per_channel, [&](int64_t i, int64_t slope) {
    const S &x = call.x[0][i], &dy = call.dy[i];
    if (x > S(0)) {
      if (wants_dx) call.dx[0][i] = dy;
      return;
    }
    call.dw[0][slope] += x * dy;
    if (wants_dx) call.dx[0][i] = call.w[0][slope] * dy;
  });
}

template class LayerOf<Prelu, PreluOptions>;

}  // namespace fovea
