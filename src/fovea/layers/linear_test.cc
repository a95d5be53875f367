#include "fovea/layers/linear.h"

#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/leaky_relu.h"

namespace fovea {
namespace {

constexpr double kTolerance = 1e-12;  // sums of at most a few dozen products

TEST(Linear, ReferenceMatchesDual) {
  EXPECT_LE(DualGradientError(Linear({.features = 5}), {{3, 7}}), kTolerance);
  EXPECT_LE(DualGradientError(Linear({.features = 1, .bias = false}), {{1, 1}}), kTolerance);
}

TEST(Linear, CountsParametersAndMultiplyAdds) {
  const Shape x{4, 20};
  const Linear layer({.features = 10});
  EXPECT_EQ(layer.MultiplyAdds({&x, 1}), 4 * 200);
  const auto specs = layer.Parameters({&x, 1});
  EXPECT_EQ(specs[0].shape, (Shape{10, 20}));
  EXPECT_EQ(specs[1].role, Role::kBias);
}

TEST(Linear, AsksForAFlattenBeforeIt) {
  const Shape x{4, 3, 8, 8};
  EXPECT_THROW(Linear({.features = 1}).OutputShape({&x, 1}), ShapeError);
}

TEST(Flatten, ReferenceMatchesDual) { EXPECT_EQ(DualGradientError(Flatten(), {{2, 3, 4, 5}}), 0); }

TEST(LeakyRelu, ReferenceMatchesDual) {
  for (const double slope : {0.1, 0.0, -2.0, 30.0})
    EXPECT_LE(DualGradientError(LeakyRelu({.slope = slope}), {{2, 3, 4, 5}}, {.distinct = true}), kTolerance);
}

TEST(LeakyRelu, ZeroTakesTheSlope) {
  Tensor<double> x({1}), dy({1}, 3.0), dx({1});
  LeakyRelu({.slope = 0.5}).RunBackward(BackwardCall<double>{{x}, {}, {}, dy, {dx}});
  EXPECT_EQ(dx[0], 1.5);
}

}  // namespace
}  // namespace fovea
