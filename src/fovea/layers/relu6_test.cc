#include "fovea/layers/relu6.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(Relu6, ReferenceMatchesDual) {
  EXPECT_EQ(DualGradientError(Relu6(), {{2, 3, 14, 15}}, {.distinct = true}), 0);
}

TEST(Relu6, TheCornersAreOffAndNanPasses) {
  Tensor<float> x({5}), y({5}), dy({5}, 2.0f), dx({5});
  x[0] = 0, x[1] = std::nanf(""), x[2] = 6, x[3] = 5.5f, x[4] = 100;
  Relu6().RunForward(ForwardCall<float>{{x}, {}, {}, y});
  Relu6().RunBackward(BackwardCall<float>{{x}, {}, {}, dy, {dx}, {}});
  const float want_y[] = {0, 0, 6, 5.5f, 6}, want_dx[] = {0, 2, 0, 2, 0};
  for (int i : {0, 2, 3, 4}) EXPECT_EQ(y[i], want_y[i]);
  EXPECT_TRUE(std::isnan(y[1]));
  for (int i = 0; i < 5; i++) EXPECT_EQ(dx[i], want_dx[i]);
}

}  // namespace
}  // namespace fovea
