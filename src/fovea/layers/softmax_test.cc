#include "fovea/layers/softmax.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(Softmax, ReferenceMatchesDual) {
  EXPECT_LE(DualGradientError(Softmax(), {{3, 7}}), 1e-12);
  EXPECT_LE(DualGradientError(Softmax(), {{2, 1}}), 1e-12);
}

TEST(Softmax, DoesNotOverflow) {
  Tensor<float> x({1, 3}), y({1, 3});
  x[0] = 1e30f, x[1] = -1e30f, x[2] = 1e30f;
  Softmax().RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 0.5f);
  EXPECT_EQ(y[1], 0.0f);
}

TEST(LogSoftmax, ReferenceMatchesDual) {
  for (const int64_t axis : {1, 2, 3}) {
    EXPECT_LE(DualGradientError(LogSoftmax({axis}), {{2, 3, 4, 5}}), 1e-12);
    EXPECT_LE(DualGradientError(Softmax({axis}), {{2, 3, 4, 5}}), 1e-12);
  }
}

// Along another axis the same values come out as for rows of their own.
TEST(Softmax, RunsAlongItsAxis) {
  Tensor<double> x({2, 3, 2}), y({2, 3, 2}), row({1, 3}), want({1, 3});
  for (int64_t i = 0; i < x.size(); i++) x[i] = 0.3 * static_cast<double>(i * i % 7);
  LogSoftmax().RunForward(ForwardCall<double>{{x}, {}, {}, y});
  for (int64_t n = 0; n < 2; n++) {
    for (int64_t i = 0; i < 2; i++) {
      for (int64_t c = 0; c < 3; c++) row[c] = x[n * 6 + c * 2 + i];
      Softmax().RunForward(ForwardCall<double>{{row}, {}, {}, want});
      for (int64_t c = 0; c < 3; c++) EXPECT_NEAR(std::exp(y[n * 6 + c * 2 + i]), want[c], 1e-15);
    }
  }
  EXPECT_THROW(Softmax({.axis = 2}).OutputShape(std::vector<Shape>{{2, 3}}), ShapeError);
}

TEST(LogSoftmax, StaysFiniteForScoresFarApart) {
  Tensor<float> x({1, 2}), y({1, 2});
  x[0] = 1e30f, x[1] = -1e30f;
  LogSoftmax().RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], -2e30f);
}

}  // namespace
}  // namespace fovea
