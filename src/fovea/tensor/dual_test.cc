#include "fovea/tensor/dual.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

// Two roundings of a unit of 2^-53 each, with room for the library functions' last bit.
constexpr double kTolerance = 1e-15;

TEST(Dual, FollowsTheRulesOfDifferentiation) {
  const Dual x(1.7, 1), c(3);
  EXPECT_NEAR((x * x).derivative, 2 * 1.7, kTolerance);
  EXPECT_NEAR((c / x).derivative, -3 / (1.7 * 1.7), kTolerance);
  EXPECT_NEAR((x - c * x).derivative, -2, kTolerance);
  EXPECT_NEAR(Exp(x).derivative, std::exp(1.7), 4 * kTolerance);
  EXPECT_NEAR(Log(x).derivative, 1 / 1.7, kTolerance);
  EXPECT_NEAR(Sqrt(x).derivative, 0.5 / std::sqrt(1.7), kTolerance);
  EXPECT_NEAR(Tanh(x).derivative, 1 - std::tanh(1.7) * std::tanh(1.7), kTolerance);
  EXPECT_NEAR(Erf(x).derivative, 2 / std::sqrt(M_PI) * std::exp(-1.7 * 1.7), kTolerance);
  EXPECT_NEAR(Pow(x, -1.5).derivative, -1.5 * std::pow(1.7, -2.5), kTolerance);
}

TEST(Dual, ComparesByValue) {
  EXPECT_TRUE(Dual(1, 5) == Dual(1, 9));
  EXPECT_TRUE(Dual(1, 5) < Dual(2, -5));
  EXPECT_FALSE(Dual(NAN) < Dual(2));
}

}  // namespace
}  // namespace fovea
