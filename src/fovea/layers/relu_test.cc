#include "fovea/layers/relu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(Relu, ReferenceMatchesDual) {
  // Products with 0 or 1 only: exact.
  EXPECT_EQ(DualGradientError(Relu(), {{2, 3, 4, 5}}, {.distinct = true}), 0);
}

TEST(Relu, ZeroIsOffAndNanPasses) {
  Tensor<float> x({3}), y({3}), dy({3}, 2.0f), dx({3});
  x[0] = 0, x[1] = std::nanf(""), x[2] = 1;
  Relu().RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 0);
  EXPECT_TRUE(std::isnan(y[1]));
  Relu().RunBackward(BackwardCall<float>{{x}, {}, {}, dy, {dx}, {}});
  EXPECT_EQ(dx[0], 0);
  EXPECT_EQ(dx[1], 2);
  EXPECT_EQ(dx[2], 2);
}

}  // namespace
}  // namespace fovea
