#include "fovea/layers/local_response_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(LocalResponseNorm, ReferenceMatchesDual) {
  for (const int64_t size : {1, 2, 3, 4, 5, 20}) {
    const LocalResponseNorm layer({.size = size, .alpha = 0.7, .beta = 0.6, .bias = 1.5});
    EXPECT_LE(DualGradientError(layer, {{2, 7, 2, 3}}), 1e-12) << size;
  }
  EXPECT_LE(DualGradientError(LocalResponseNorm({.alpha = 1}), {{3, 6}}), 1e-12);
}

// Channels 1, 2, 3, alpha/size = 0.5, beta = 1: the sum is divided by the size even at the edges.
TEST(LocalResponseNorm, WindowAndDivisorAreOnnxs) {
  Tensor<double> x({1, 3, 1, 1}), y(x.shape());
  for (int64_t c = 0; c < 3; c++) x[c] = static_cast<double>(c + 1);
  LocalResponseNorm({.size = 2, .alpha = 1, .beta = 1, .bias = 1})
      .RunForward(ForwardCall<double>{{x}, {}, {}, y});
  EXPECT_NEAR(y[0], 1 / (1 + 0.5 * (1 + 4)), 1e-13);  // the odd channel is the next
  EXPECT_NEAR(y[2], 3 / (1 + 0.5 * 9), 1e-13);
  LocalResponseNorm({.size = 3, .alpha = 1.5, .beta = 1, .bias = 1})
      .RunForward(ForwardCall<double>{{x}, {}, {}, y});
  EXPECT_NEAR(y[1], 2 / (1 + 0.5 * 14), 1e-13);
}

}  // namespace
}  // namespace fovea
