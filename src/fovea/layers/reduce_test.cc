#include "fovea/layers/reduce.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/global_max_pool.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/lp_pool2d.h"

namespace fovea {
namespace {

constexpr double kTolerance = 1e-12;  // sums of at most a few dozen values
const char* const kOps[] = {"mean", "sum", "max", "min", "l1", "l2", "log_sum_exp"};

struct Result {
  std::vector<double> y, dx;
};

// Of a single sample, with dy = 1.
Result Ran(const Layer& layer, const Shape& shape, std::initializer_list<double> values) {
  Tensor<double> x(shape), dx(shape, std::nan(""));
  std::copy(values.begin(), values.end(), x.data());
  Tensor<double> y(layer.OutputShape({&shape, 1})), dy(y.shape(), 1);
  layer.RunForward(ForwardCall<double>{{x}, {}, {}, y});
  layer.RunBackward(BackwardCall<double>{{x}, {}, {}, dy, {dx}});
  return {{y.values().begin(), y.values().end()}, {dx.values().begin(), dx.values().end()}};
}

TEST(Reduce, ReferenceMatchesDual) {
  const std::vector<std::vector<int64_t>> axes = {{}, {1}, {-1, 2}, {1, 3}};
  for (const char* op : kOps) {
    for (const auto& along : axes) {
      for (const bool keep : {false, true}) {
        const Reduce layer({op, along, keep});
        EXPECT_LE(DualGradientError(layer, {{2, 3, 4, 2}}, {.distinct = true}), kTolerance)
            << ToString(layer);
      }
    }
  }
}

TEST(Reduce, ValuesAreThoseOfTheNames) {
  const auto value = [](const char* op) { return Ran(Reduce({op}), {1, 3}, {-4, 0, 3}).y[0]; };
  EXPECT_DOUBLE_EQ(value("mean"), -1.0 / 3);
  EXPECT_EQ(value("sum"), -1);
  EXPECT_EQ(value("max"), 3);
  EXPECT_EQ(value("min"), -4);
  EXPECT_EQ(value("l1"), 7);
  EXPECT_EQ(value("l2"), 5);
  EXPECT_NEAR(value("log_sum_exp"), std::log(std::exp(-4) + 1 + std::exp(3)), 1e-14);
}

TEST(Reduce, ShapesKeepOrLoseTheAxes) {
  const Shape x{2, 3, 4, 5};
  EXPECT_EQ(Reduce({"sum", {1, -1}}).OutputShape({&x, 1}), (Shape{2, 1, 4, 1}));
  EXPECT_EQ(Reduce({"sum", {1, -1}, false}).OutputShape({&x, 1}), (Shape{2, 4}));
  EXPECT_EQ(Reduce({"sum", {}, false}).OutputShape({&x, 1}), (Shape{2}));
  EXPECT_THROW(Reduce({"sum", {0}}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(Reduce({"sum", {4}}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(Reduce({"sum", {1, -3}}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(Reduce({"prod"}), ArgumentError);
}

TEST(Reduce, TheFirstOfTiesTakesTheGradientAndNanWins) {
  EXPECT_EQ(Ran(Reduce({"max"}), {1, 4}, {1, 5, 5, 0}).dx, (std::vector<double>{0, 1, 0, 0}));
  EXPECT_EQ(Ran(Reduce({"min"}), {1, 4}, {3, 1, 1, 2}).dx, (std::vector<double>{0, 1, 0, 0}));
  for (const char* op : {"max", "min"}) {
    const Result r = Ran(Reduce({op}), {1, 4}, {1, NAN, 7, NAN});
    EXPECT_TRUE(std::isnan(r.y[0]));
    EXPECT_EQ(r.dx, (std::vector<double>{0, 1, 0, 0})) << op;
  }
}

TEST(Reduce, KinksHaveTheStatedGradient) {
  EXPECT_EQ(Ran(Reduce({"l1"}), {1, 3}, {-2, 0, 2}).dx, (std::vector<double>{-1, 0, 1}));
  EXPECT_EQ(Ran(Reduce({"l2"}), {1, 2}, {0, 0}).dx, (std::vector<double>{0, 0}));
}

TEST(Reduce, LargeExponentsDoNotOverflow) {
  const Result r = Ran(Reduce({"log_sum_exp"}), {1, 2}, {1000, 1000});
  EXPECT_NEAR(r.y[0], 1000 + std::log(2), 1e-12);
  EXPECT_NEAR(r.dx[0], 0.5, 1e-13);
}

TEST(GlobalMaxPool, ReferenceMatchesDual) {
  EXPECT_LE(DualGradientError(GlobalMaxPool(), {{2, 3, 4, 5}}, {.distinct = true}), kTolerance);
}

TEST(GlobalMaxPool, TheFirstOfTiesTakesTheGradientAndNanWins) {
  EXPECT_EQ(Ran(GlobalMaxPool(), {1, 1, 2, 2}, {1, 5, 5, 0}).dx, (std::vector<double>{0, 1, 0, 0}));
  EXPECT_EQ(Ran(GlobalMaxPool(), {1, 1, 2, 2}, {9, NAN, 5, NAN}).dx, (std::vector<double>{0, 1, 0, 0}));
}

TEST(LpPool2d, ReferenceMatchesDual) {
  for (const int64_t p : {1, 2, 3, 5}) {
    LpPool2dOptions o;
    o.kernel = {3, 2}, o.stride = {2, 1}, o.padding = {1, 0, 0, 1}, o.ceil_mode = p == 3, o.p = p;
    // Roots of powers: Pow keeps 2e-14 of a sum, twice.
    EXPECT_LE(DualGradientError(LpPool2d(o), {{2, 3, 6, 5}}, {.distinct = true}), kTolerance) << p;
    o.whole_map = true;
    EXPECT_LE(DualGradientError(LpPool2d(o), {{2, 3, 6, 5}}, {.distinct = true}), kTolerance) << p;
  }
}

TEST(LpPool2d, IsTheNormOfEachWindow) {
  LpPool2dOptions o;
  const auto four = {3.0, -4.0, 0.0, 0.0};
  EXPECT_EQ(Ran(LpPool2d(o), {1, 1, 2, 2}, four).y[0], 5);
  o.p = 1;
  EXPECT_EQ(Ran(LpPool2d(o), {1, 1, 2, 2}, four).y[0], 7);
  EXPECT_EQ(Ran(LpPool2d(o), {1, 1, 2, 2}, four).dx, (std::vector<double>{1, -1, 0, 0}));
  o.p = 3;
  EXPECT_NEAR(Ran(LpPool2d(o), {1, 1, 2, 2}, four).y[0], std::cbrt(27 + 64), 1e-12);
  EXPECT_EQ(Ran(LpPool2d(o), {1, 1, 2, 2}, {0, 0, 0, 0}).dx, (std::vector<double>{0, 0, 0, 0}));
  o.whole_map = true;
  const Shape x{2, 3, 7, 9};
  EXPECT_EQ(LpPool2d(o).OutputShape({&x, 1}), (Shape{2, 3, 1, 1}));
}

}  // namespace
}  // namespace fovea
