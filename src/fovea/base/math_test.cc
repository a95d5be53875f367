#include "fovea/base/math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fovea/base/random.h"

namespace fovea {
namespace {

// In units of the last place of the true value, which the C library gives to within one.
double UlpError(double got, double want) {
  if (got == want || (std::isnan(got) && std::isnan(want))) return 0;
  return std::abs(got - want) / (std::nextafter(std::abs(want), INFINITY) - std::abs(want));
}

template <class F, class G>
double WorstUlp(F ours, G theirs, double low, double high) {
  RandomStream random({5}, 0);
  double worst = 0;
  for (int i = 0; i < 200000; i++) {
    const double x = random.Uniform(low, high);
    worst = std::max(worst, UlpError(ours(x), theirs(x)));
  }
  return worst;
}

double (*Ours(double (*f)(double)))(double) { return f; }

TEST(Math, AgreesWithTheTrueFunctions) {
  EXPECT_LE(WorstUlp(Ours(Exp), Ours(std::exp), -700, 700), 3);
  EXPECT_LE(WorstUlp(Ours(Exp), Ours(std::exp), -1, 1), 3);
  EXPECT_LE(WorstUlp(Ours(Log), Ours(std::log), 1e-300, 3), 3);
  EXPECT_LE(WorstUlp(Ours(Log), Ours(std::log), 0.9, 1.1), 3);
  EXPECT_LE(WorstUlp(Ours(Tanh), Ours(std::tanh), -3, 3), 8);
  EXPECT_LE(WorstUlp(Ours(Expm1), Ours(std::expm1), -30, 30), 4);
  EXPECT_LE(WorstUlp(Ours(Expm1), Ours(std::expm1), -1, 1), 4);
  EXPECT_LE(WorstUlp(Ours(Log1p), Ours(std::log1p), -0.9, 0.9), 4);
  EXPECT_LE(WorstUlp(Ours(Log1p), Ours(std::log1p), -1e-9, 1e9), 4);
  EXPECT_LE(WorstUlp(Ours(Sin), Ours(std::sin), -3.1, 3.1), 3);
  EXPECT_LE(WorstUlp(Ours(Cos), Ours(std::cos), -1.5, 1.5), 3);
  RandomStream random({6}, 0);
  for (int i = 0; i < 100000; i++) {
    const double x = random.Uniform(-4, 4), y = random.Uniform(0.01, 10), p = random.Uniform(-3, 3);
    ASSERT_NEAR(Erf(x), std::erf(x), 4e-15);
    ASSERT_NEAR(Pow(y, p) / std::pow(y, p), 1, 2e-14);
    ASSERT_NEAR(Sin(1000 * x), std::sin(1000 * x), 1e-13);
  }
}

TEST(Math, EdgesFollowTheStandard) {
  EXPECT_EQ(Exp(0.0), 1);
  EXPECT_EQ(Expm1(1e-300), 1e-300);
  EXPECT_EQ(Expm1(-1e9), -1);
  EXPECT_EQ(Expm1(1e9), INFINITY);
  EXPECT_TRUE(std::isnan(Expm1(std::nan(""))) && std::isnan(Log1p(std::nan(""))) && std::isnan(Log1p(-2.0)));
  EXPECT_EQ(Log1p(1e-300), 1e-300);
  EXPECT_EQ(Log1p(-1.0), -INFINITY);
  EXPECT_EQ(Log1p(INFINITY), INFINITY);
  EXPECT_EQ(Exp(1000.0), INFINITY);
  EXPECT_EQ(Exp(-1000.0), 0);
  EXPECT_EQ(Exp(-745.0), std::exp(-745.0));  // the least subnormal
  EXPECT_TRUE(std::isnan(Exp(std::nan(""))));
  EXPECT_EQ(Log(0.0), -INFINITY);
  EXPECT_EQ(Log(1.0), 0);
  EXPECT_TRUE(std::isnan(Log(-1.0)));
  EXPECT_EQ(Log(std::numeric_limits<double>::denorm_min()),
            std::log(std::numeric_limits<double>::denorm_min()));
  EXPECT_EQ(Pow(3.0, 4), 81);
  EXPECT_EQ(Pow(-2.0, 3), -8);
  EXPECT_EQ(Pow(2.0, -2), 0.25);
  EXPECT_EQ(Pow(0.0, 0.5), 0);
  EXPECT_EQ(Tanh(50.0), 1);
  EXPECT_EQ(Erf(-10.0), -1);
}

}  // namespace
}  // namespace fovea
