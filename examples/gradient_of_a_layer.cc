// One convolution forward and backward, and one entry of its weight gradient by central differences.
#include <cmath>
#include <cstdio>

#include "fovea/base/random.h"
#include "fovea/engine/apply.h"
#include "fovea/layers/conv2d.h"

namespace {

fovea::Tensor<float> Normal(const fovea::Shape& shape, uint64_t index) {
  fovea::Tensor<float> t(shape);
  fovea::RandomStream random({.seed = 1}, index);
  for (float& v : t.values()) v = static_cast<float>(random.Normal());
  return t;
}

double Dot(fovea::TensorView<const float> a, fovea::TensorView<const float> b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); i++) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

}  // namespace

int main() {
  const auto conv = std::make_shared<fovea::Conv2d>(
      fovea::Conv2dOptions{.filters = 8, .kernel = {3, 3}, .padding = fovea::PadAll(1), .bias = false});
  fovea::AppliedLayer layer(conv, {2, 3, 8, 8}, {.mode = fovea::Mode::kTraining});
  const auto x = Normal({2, 3, 8, 8}, 0), dy = Normal({2, 8, 8, 8}, 1);
  auto w = Normal({8, 3, 3, 3}, 2);

  layer.Forward(x, {w});
  layer.Backward(dy);
  const double gradient = layer.gradient(0)(4, 1, 0, 2);

  // The gradient of <dy, conv(x)>: a linear function of w, so the step may be large.
  float& entry = w(4, 1, 0, 2);
  entry += 0.5f;
  const double above = Dot(dy, layer.Forward(x, {w}));
  entry -= 1.0f;
  const double below = Dot(dy, layer.Forward(x, {w}));

  std::printf("gradient %.5f, difference quotient %.5f\n", gradient, above - below);
  return std::abs(gradient - (above - below)) < 1e-3 ? 0 : 1;
}
