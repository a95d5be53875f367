// Arithmetic with broadcasting: gradients against dual numbers, values by hand.
#include "fovea/layers/arithmetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/add.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/registry.h"

namespace fovea {
namespace {

const std::vector<std::string> kTypes = {"add", "subtract", "multiply", "divide", "minimum", "maximum"};
const std::vector<std::vector<Shape>> kPairs = {{{2, 3, 4, 5}, {2, 3, 4, 5}},
                                                {{2, 3, 4, 5}, {2, 3, 1, 1}},
                                                {{2, 1, 4, 1}, {2, 3, 1, 5}},
                                                {{2, 1}, {2, 7}}};

TEST(Arithmetic, ReferenceMatchesDual) {
  // Quotients grow where a divisor is near 0, and their errors with them.
  for (const std::string& type : kTypes) {
    for (const auto& pair : kPairs) {
      EXPECT_LE(DualGradientError(*MakeLayer(type), pair), 1e-12) << type << " of " << pair[1].ToString();
    }
    for (const std::vector<int64_t>& operand : {std::vector<int64_t>{1}, {3, 1, 1}, {5}, {4, 1}, {3, 4, 5}}) {
      const auto layer = MakeLayer(type, {{"operand", operand}});
      EXPECT_LE(DualGradientError(*layer, {{2, 3, 4, 5}}), 1e-12) << ToString(*layer);
    }
  }
  for (const char* type : {"subtract", "divide"}) {
    const auto layer = MakeLayer(type, {{"operand", std::vector<int64_t>{3, 1, 1}}, {"operand_first", true}});
    EXPECT_LE(DualGradientError(*layer, {{2, 3, 4, 5}}), 1e-12) << ToString(*layer);
  }
  EXPECT_LE(DualGradientError(Add(), {{2, 3, 4}, {2, 1, 4}, {2, 3, 1}}), 1e-12);
  EXPECT_LE(DualGradientError(Multiply({.operand = {3, 4, 5}}), {{2, 3, 1, 1}}),
            1e-12);  // the input broadcasts
}

struct Result {
  double y, da, db;
};

Result Of(const Layer& layer, double a, double b) {
  Tensor<double> x({1, 1}, a), z({1, 1}, b), y({1, 1}), dy({1, 1}, 1.0), dx({1, 1}), dz({1, 1});
  layer.RunForward(ForwardCall<double>{{x, z}, {}, {}, y});
  layer.RunBackward(BackwardCall<double>{{x, z}, {}, {}, dy, {dx, dz}, {}});
  return {y[0], dx[0], dz[0]};
}

TEST(Power, IsItsEquationAndMatchesDual) {
  const Power power;
  for (const double a : {0.3, 1.0, 2.5}) {
    for (const double b : {-1.5, 0.5, 2.0, 3.0}) {
      const Result r = Of(power, a, b);
      EXPECT_NEAR(r.y, std::pow(a, b), 1e-14 * std::pow(a, b));
      EXPECT_NEAR(r.da, b * std::pow(a, b - 1), 1e-13 * std::abs(r.da));
      EXPECT_NEAR(r.db, std::pow(a, b) * std::log(a), 1e-13 * std::abs(r.db));
      const Dual by_both = Pow(Dual(a, 1), Dual(b, 1));
      EXPECT_NEAR(by_both.derivative, r.da + r.db, 1e-13 * (std::abs(r.da) + std::abs(r.db)));
    }
  }
  EXPECT_EQ(Of(power, -3, 2).y, 9);
  EXPECT_EQ(Of(power, -3, 2).da, -6);
  EXPECT_EQ(Of(power, 0, 2).db, 0);
  EXPECT_EQ(Of(power, 0, 0).da, 0);
  EXPECT_TRUE(std::isnan(Of(power, -3, 0.5).y));
}

TEST(Arithmetic, TiesShareAndNanShows) {
  const double nan = std::nan("");
  for (const char* type : {"minimum", "maximum"}) {
    const auto layer = MakeLayer(type);
    EXPECT_EQ(Of(*layer, 2, 2).da, 0.5);
    EXPECT_EQ(Of(*layer, 2, 2).db, 0.5);
    EXPECT_TRUE(std::isnan(Of(*layer, nan, 2).y));
    EXPECT_TRUE(std::isnan(Of(*layer, 2, nan).y));
  }
  EXPECT_EQ(Of(Divide(), 1, 0).y, INFINITY);
}

TEST(Arithmetic, BroadcastsAsNumpyDoes) {
  Tensor<float> a({1, 2, 1}), b({1, 1, 3}), y({1, 2, 3});
  for (int64_t i = 0; i < 2; i++) a[i] = static_cast<float>(10 * (i + 1));
  for (int64_t i = 0; i < 3; i++) b[i] = static_cast<float>(i + 1);
  Subtract().RunForward(ForwardCall<float>{{a, b}, {}, {}, y});
  EXPECT_THAT(y.values(), testing::ElementsAre(9, 8, 7, 19, 18, 17));
  const Subtract from({{.operand = {2, 1}}, true});
  Tensor<float> z({1, 2, 3});
  from.RunForward(ForwardCall<float>{{y}, {Tensor<float>({2, 1}, 20.0f)}, {}, z});
  EXPECT_THAT(z.values(), testing::ElementsAre(11, 12, 13, 1, 2, 3));
}

TEST(Arithmetic, SaysWhatDoesNotFit) {
  const auto shapes = [](const Layer& layer, std::vector<Shape> x) { return layer.OutputShape(x); };
  EXPECT_EQ(shapes(Multiply(), {{2, 3, 1, 5}, {2, 1, 4, 1}}), Shape({2, 3, 4, 5}));
  EXPECT_THROW(shapes(Add(), {{2, 3}, {2, 4}}), ShapeError);
  EXPECT_THROW(shapes(Add(), {{2, 3, 4, 5}, {2, 3}}), ShapeError);
  EXPECT_THROW(shapes(Divide({{.operand = {3, 4}}, false}), {{2, 4}}), ShapeError);
  EXPECT_THROW(Multiply({.operand = {0}}), ArgumentError);
  EXPECT_EQ(Multiply({.operand = {3, 1, 1}}).Parameters({})[0].init.value, 1);
  EXPECT_EQ(Add({.operand = {3, 1, 1}}).Parameters({})[0].role, Role::kBias);
}

}  // namespace
}  // namespace fovea
