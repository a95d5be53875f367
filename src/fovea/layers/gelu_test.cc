#include "fovea/layers/gelu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

double Value(const std::string& approximate, double x) {
  Tensor<double> in({1}, x), out({1});
  Gelu({.approximate = approximate}).RunForward(ForwardCall<double>{{in}, {}, {}, out});
  return out[0];
}

TEST(Gelu, ReferenceMatchesDual) {
  // Erf is good to 4e-15; the rest is a handful of products.
  for (const char* approximate : {"none", "tanh"}) {
    EXPECT_LE(DualGradientError(Gelu({.approximate = approximate}), {{2, 3, 4, 5}}), 1e-12) << approximate;
  }
}

TEST(Gelu, HasThePublishedValues) {
  // x*Phi(x) with Phi(1) = 0.8413447460685429, Phi(2) = 0.9772498680518208.
  EXPECT_NEAR(Value("none", 1), 0.8413447460685429, 1e-14);
  EXPECT_NEAR(Value("none", -2), -2 * (1 - 0.9772498680518208), 1e-14);
  EXPECT_NEAR(Value("tanh", 1), 0.5 * (1 + std::tanh(std::sqrt(2 / M_PI) * 1.044715)), 1e-14);
  EXPECT_EQ(Value("none", 0), 0);
  double apart = 0;
  for (double x = -6; x <= 6; x += 0.01)
    apart = std::max(apart, std::abs(Value("none", x) - Value("tanh", x)));
  EXPECT_LE(apart, 5e-4);
  EXPECT_GE(apart, 4e-4);
}

TEST(Gelu, NanPassesAndNamesAreChecked) {
  EXPECT_TRUE(std::isnan(Value("none", std::nan(""))));
  EXPECT_TRUE(std::isnan(Value("tanh", std::nan(""))));
  EXPECT_THROW(Gelu({.approximate = "erf"}), ArgumentError);
}

}  // namespace
}  // namespace fovea
