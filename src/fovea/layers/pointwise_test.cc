// Every layer that takes each element by itself: its slope against dual numbers, its value against the C library's functions, and
// what it does at kinks, at the far ends and with a NaN.
#include "fovea/layers/pointwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/layers/clip.h"
#include "fovea/layers/elementary.h"
#include "fovea/layers/exponential_units.h"
#include "fovea/layers/gated_units.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/sigmoids.h"
#include "fovea/layers/softplus.h"

namespace fovea {
namespace {

struct Case {
  std::shared_ptr<const Layer> layer;
  std::function<double(double)> value;
};

template <class L>
Case Of(L layer, std::function<double(double)> value) {
  return {std::make_shared<const L>(std::move(layer)), std::move(value)};
}

double Held(double v, double low, double high) { return std::min(std::max(v, low), high); }
double ExpUnit(double x, double height) { return x > 0 ? x : height * std::expm1(x); }
double LogOne(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// As the papers write them; exact to rounding on moderate x.
std::vector<Case> Everywhere() {
  constexpr double kAlpha = 1.6732632423543772848, kGamma = 1.0507009873554804934;
  return {
      Of(Elu(), [](double x) { return ExpUnit(x, 1); }),
      Of(Elu({.alpha = 0.3}), [](double x) { return ExpUnit(x, 0.3); }),
      Of(Selu(), [](double x) { return kGamma * ExpUnit(x, kAlpha); }),
      Of(Selu({.alpha = 2, .gamma = 0.5}), [](double x) { return 0.5 * ExpUnit(x, 2); }),
      Of(Celu({.alpha = 2.5}), [](double x) { return 2.5 * ExpUnit(x / 2.5, 1); }),
      Of(Sigmoid(), [](double x) { return 1 / (1 + std::exp(-x)); }),
      Of(HyperbolicTangent(), [](double x) { return std::tanh(x); }),
      Of(Hardsigmoid(), [](double x) { return Held(x + 3, 0, 6) / 6; }),
      Of(Hardsigmoid({.alpha = 0.2, .beta = 0.6}), [](double x) { return Held(0.2 * x + 0.6, 0, 1); }),
      Of(Softsign(), [](double x) { return x / (1 + std::abs(x)); }),
      Of(Silu(), [](double x) { return x / (1 + std::exp(-x)); }),
      Of(Mish(), [](double x) { return x * std::tanh(LogOne(x)); }),
      Of(Hardswish(), [](double x) { return x * Held(x + 3, 0, 6) / 6; }),
      Of(Softplus(), [](double x) { return x > 20 ? x : LogOne(x); }),
      Of(Softplus({.beta = 3, .threshold = 1.5}),
         [](double x) { return 3 * x > 1.5 ? x : LogOne(3 * x) / 3; }),
      Of(LogSigmoid(), [](double x) { return -LogOne(-x); }),
      Of(Clip({.min = -0.4, .max = 1.7}), [](double x) { return Held(x, -0.4, 1.7); }),
      Of(Exponential(), [](double x) { return std::exp(x); }),
      Of(AbsoluteValue(), [](double x) { return std::abs(x); }),
      Of(Negative(), [](double x) { return -x; }),
      Of(Reciprocal(), [](double x) { return 1 / x; }),
  };
}

struct Both {
  double y, dx;
};

Both At(const Layer& layer, double x, double dy = 1) {
  Tensor<double> in({1}, x), out({1}), gradient({1}, dy), dx({1}, 99.0);
  layer.RunForward(ForwardCall<double>{{in}, {}, {}, out});
  layer.RunBackward(BackwardCall<double>{{in}, {}, {}, gradient, {dx}, {}});
  return {out[0], dx[0]};
}

TEST(Pointwise, ReferenceMatchesDual) {
  // The slope is written out where the dual number follows the value: products of functions good to a few units, with
  // 1 - tanh^2 the least of them.
  for (const Case& c : Everywhere()) {
    EXPECT_LE(DualGradientError(*c.layer, {{2, 3, 14, 5}}, {.distinct = true}), 1e-12) << ToString(*c.layer);
  }
}

TEST(Pointwise, HasTheValuesOfItsEquation) {
  for (const Case& c : Everywhere()) {
    for (double x = -30.0005; x < 30; x += 0.0371) {
      const double want = c.value(x);
      ASSERT_NEAR(At(*c.layer, x).y, want, 1e-14 * std::abs(want) + 1e-300)
          << ToString(*c.layer) << " at " << x;
    }
  }
}

TEST(Pointwise, FunctionsOfPositiveNumbers) {
  for (double x = 0.001; x < 1e6; x *= 1.37) {
    EXPECT_NEAR(At(Logarithm(), x).y, std::log(x), 1e-14 * std::abs(std::log(x)));
    EXPECT_NEAR(At(Logarithm(), x).dx, 1 / x, 1e-15 / x);
    EXPECT_EQ(At(SquareRoot(), x).y, std::sqrt(x));
    EXPECT_NEAR(At(SquareRoot(), x).dx, 0.5 / std::sqrt(x), 1e-15 / std::sqrt(x));
  }
  EXPECT_EQ(At(Logarithm(), 0).y, -INFINITY);
  EXPECT_TRUE(std::isnan(At(Logarithm(), -1).y));
  EXPECT_TRUE(std::isnan(At(SquareRoot(), -1).y));
}

TEST(Pointwise, NanPassesAndFarEndsAreFinite) {
  for (const Case& c : Everywhere()) {
    SCOPED_TRACE(ToString(*c.layer));
    EXPECT_TRUE(std::isnan(At(*c.layer, std::nan("")).y));
    const bool grows = c.layer->Type() == "exp";
    for (const double x : {-1e30, -800.0, 800.0, 1e30}) {
      if (grows && x > 0) continue;
      EXPECT_TRUE(std::isfinite(At(*c.layer, x).y)) << x;
      EXPECT_TRUE(std::isfinite(At(*c.layer, x).dx)) << x;
    }
  }
}

TEST(Pointwise, NothingCancelsNearZero) {
  for (const double x : {-1e-12, 1e-12}) {
    EXPECT_NEAR(At(Elu(), x).y / x, 1, 1e-11);
    EXPECT_NEAR(At(Celu({.alpha = 3}), x).y / x, 1, 1e-11);
    EXPECT_NEAR(At(HyperbolicTangent(), x).y / x, 1, 1e-11);
  }
  EXPECT_NEAR(At(Sigmoid(), -600).y / std::exp(-600), 1, 1e-13);
  EXPECT_NEAR(At(Softplus(), -600).y / std::exp(-600), 1, 1e-13);
  EXPECT_NEAR(At(Sigmoid(), 600).dx / std::exp(-600), 1, 1e-13);
}

TEST(Pointwise, KinksFollowTheContract) {
  EXPECT_EQ(At(Elu({.alpha = 0.25}), 0).dx, 0.25);
  EXPECT_EQ(At(Selu({.alpha = 2, .gamma = 3}), 0).dx, 6);
  EXPECT_EQ(At(Celu({.alpha = 7}), 0).dx, 1);
  EXPECT_EQ(At(Hardswish(), -3).dx, 0);
  EXPECT_EQ(At(Hardswish(), 3).dx, 1);
  EXPECT_EQ(At(Hardsigmoid({.alpha = 0.5, .beta = 0.5}), -1).dx, 0);
  EXPECT_EQ(At(Hardsigmoid({.alpha = 0.5, .beta = 0.5}), 1).dx, 0);
  EXPECT_EQ(At(AbsoluteValue(), 0).dx, 0);
  EXPECT_EQ(At(Clip({.min = 1, .max = 2}), 1).dx, 1);
  EXPECT_EQ(At(Clip({.min = 1, .max = 2}), 2).dx, 1);
  EXPECT_EQ(At(Clip({.min = 1, .max = 2}), 2.5).dx, 0);
  EXPECT_EQ(At(Softplus({.beta = 1, .threshold = 2}), 2.1).y, 2.1);
  EXPECT_EQ(At(Clip({.min = 0, .max = 1}), 5, INFINITY).dx, 0);  // a closed gate, whatever dy is
}

TEST(Pointwise, AClipThatIsUpsideDownGivesItsMaximum) {
  const Clip clip({.min = 3, .max = 1});
  for (const double x : {0.0, 1.0, 2.0, 4.0}) {
    EXPECT_EQ(At(clip, x).y, 1);
    EXPECT_EQ(At(clip, x).dx, 0);
  }
  EXPECT_EQ(At(Clip(), 1e30).y, 1e30);
}

TEST(Pointwise, ChecksItsParameters) {
  EXPECT_THROW(Celu({.alpha = 0}), ArgumentError);
  EXPECT_THROW(Softplus({.beta = 0}), ArgumentError);
}

}  // namespace
}  // namespace fovea
