#include "fovea/layers/linear.h"

#include <fmt/format.h>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/layers/conv2d.h"

namespace fovea {

Shape Linear::OutputShape(std::span<const Shape> x) const {
  if (x[0].rank() != 2) {
    throw ShapeError(fmt::format("needs features (N, C), got {}; put a flatten before it", x[0].ToString()));
  }
  return {x[0][0], options().features};
}

std::vector<ParameterSpec> Linear::Parameters(std::span<const Shape> x) const {
  const int64_t c = x[0][1], k = options().features;
  std::vector<ParameterSpec> specs{
      {"weight", {k, c}, Role::kWeight, InitializerByName(options().init, c, k)}};
  if (options().bias) specs.push_back({"bias", {k}, Role::kBias, {}});
  return specs;
}

int64_t Linear::MultiplyAdds(std::span<const Shape> x) const {
  return CheckedMultiply(x[0].Size(), options().features);
}

template <class S>
void Linear::Forward(const ForwardCall<S>& call) const {
  const auto &x = call.x[0], &w = call.w[0];
  for (int64_t n = 0; n < x.extent(0); n++) {
    for (int64_t k = 0; k < w.extent(0); k++) {
      S sum = options().bias ? call.w[1][k] : S(0);
      for (int64_t c = 0; c < x.extent(1); c++) sum += w(k, c) * x(n, c);
      call.y(n, k) = sum;
    }
  }
}

template <class S>
void Linear::Backward(const BackwardCall<S>& call) const {
  const auto &x = call.x[0], &w = call.w[0], &dy = call.dy;
  const auto& dx = call.dx[0];
  if (dx.present()) std::fill(dx.values().begin(), dx.values().end(), S(0));
  for (int64_t n = 0; n < x.extent(0); n++) {
    for (int64_t k = 0; k < w.extent(0); k++) {
      if (options().bias) call.dw[1][k] += dy(n, k);
      for (int64_t c = 0; c < x.extent(1); c++) {
        call.dw[0](k, c) += dy(n, k) * x(n, c);
        if (dx.present()) dx(n, c) += dy(n, k) * w(k, c);
      }
    }
  }
}

template class LayerOf<Linear, LinearOptions>;

}  // namespace fovea
