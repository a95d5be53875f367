#include "fovea/layers/resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

// Of a map of one row.
std::vector<float> Row(ResizeOptions o, const std::vector<float>& values, int64_t width = 0) {
  o.scale_h = 1, o.sizes.w = width;
  Tensor<float> x({1, 1, 1, static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), x.data());
  Tensor<float> y(Resize(o).OutputShape({&x.shape(), 1}));
  Resize(o).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  return {y.values().begin(), y.values().end()};
}

constexpr const char* kCoordinates[] = {"half_pixel",    "pytorch_half_pixel", "half_pixel_symmetric",
                                        "align_corners", "asymmetric",         "tf_half_pixel_for_nn"};

TEST(Resize, ReferenceMatchesDual) {
  for (const char* coordinates : kCoordinates) {
    for (const char* mode : {"nearest", "linear", "cubic"}) {
      for (const bool exclude : {false, true}) {
        ResizeOptions o{.scale_h = 1.6, .scale_w = 0.55, .mode = mode, .coordinates = coordinates};
        o.exclude_outside = exclude;
        EXPECT_LE(DualGradientError(Resize(o), {{2, 3, 4, 5}}), 1e-12) << ToString(Resize(o));
        o.sizes = {1, 7};
        EXPECT_LE(DualGradientError(Resize(o), {{1, 2, 3, 4}}), 1e-12) << ToString(Resize(o));
      }
    }
  }
}

TEST(Resize, NearestRoundsAsStated) {
  const std::vector<float> x{0, 1, 2, 3};
  // Places 0, 0.5, 1, ... of x.
  const auto twice = [&](const char* rule) { return Row({.coordinates = "asymmetric", .nearest = rule}, x); };
  EXPECT_THAT(twice("round_prefer_floor"), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  EXPECT_THAT(twice("floor"), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  EXPECT_THAT(twice("round_prefer_ceil"), ElementsAre(0, 1, 1, 2, 2, 3, 3, 3));
  EXPECT_THAT(twice("ceil"), ElementsAre(0, 1, 1, 2, 2, 3, 3, 3));
}

// Each place is exact: 3 of 7 columns from 49 is 21, not a hair less.
TEST(Resize, SizesGiveWholePlaces) {
  std::vector<float> x(49);
  for (std::size_t i = 0; i < x.size(); i++) x[i] = static_cast<float>(i);
  EXPECT_THAT(Row({.coordinates = "asymmetric", .nearest = "floor"}, x, 7),
              ElementsAre(0, 7, 14, 21, 28, 35, 42));
}

// 1 and 3 resized to 4, by hand.
TEST(Resize, CoordinatesAreThoseOfTheirFormula) {
  const auto row = [](const char* coordinates) {
    return Row({.mode = "linear", .coordinates = coordinates}, {1, 3}, 4);
  };
  EXPECT_THAT(row("half_pixel"), ElementsAre(1, 1.5, 2.5, 3));
  EXPECT_THAT(row("align_corners"),
              Pointwise(FloatNear(1e-6f), std::vector<float>{1, 5 / 3.0f, 7 / 3.0f, 3}));
  EXPECT_THAT(row("asymmetric"), ElementsAre(1, 2, 3, 3));
  EXPECT_THAT(row("tf_half_pixel_for_nn"), ElementsAre(1.5, 2.5, 3, 3));
  const auto one = [](const char* coordinates) {
    return Row({.mode = "linear", .coordinates = coordinates}, {1, 3, 5, 9}, 1);
  };
  EXPECT_THAT(one("half_pixel"), ElementsAre(4));
  EXPECT_THAT(one("pytorch_half_pixel"), ElementsAre(1));
  EXPECT_THAT(one("align_corners"), ElementsAre(1));
}

// A scale of 1.3 makes 5 of 4 columns, not 5.2: symmetric places are mirrored about the middle.
TEST(Resize, SymmetricPlacesMirror) {
  const std::vector<float> x{0, 1, 2, 3};
  const auto y = Row({.scale_w = 1.3, .mode = "linear", .coordinates = "half_pixel_symmetric"}, x);
  ASSERT_EQ(y.size(), 5u);
  for (std::size_t i = 0; i < 5; i++) EXPECT_NEAR(y[i] + y[4 - i], 3, 1e-6);
  const auto plain = Row({.scale_w = 1.3, .mode = "linear"}, x);
  EXPECT_GT(std::abs(plain[1] + plain[3] - 3), 0.05);
}

TEST(Resize, WeightsOfATapOutsideGoToTheOthersOnRequest) {
  ResizeOptions o{.mode = "cubic"};
  const auto edge = Row(o, {1, 0, 0, 0});
  o.exclude_outside = true;
  const auto excluded = Row(o, {1, 0, 0, 0});
  // Place -0.25: taps -2, -1, 0, 1 with the weights of Keys at 1.75, 0.75, 0.25, 1.25.
  const double near = (1.25 * 0.25 - 2.25) * 0.0625 + 1, one = (1.25 * 0.75 - 2.25) * 0.5625 + 1;
  const auto far = [](double d) { return -0.75 * (((d - 5) * d + 8) * d - 4); };
  EXPECT_NEAR(edge[0], near + one + far(1.75), 1e-6);
  EXPECT_NEAR(excluded[0], near / (near + far(1.25)), 1e-6);
}

TEST(Resize, ShapesByScaleAreRoundedDown) {
  const Shape x{2, 3, 10, 7};
  EXPECT_EQ(Resize({.scale_h = 0.59, .scale_w = 1.5}).OutputShape({&x, 1}), (Shape{2, 3, 5, 10}));
  EXPECT_EQ(Resize({.sizes = {3, 0}}).OutputShape({&x, 1}), (Shape{2, 3, 3, 14}));
  EXPECT_THROW(Resize({.scale_h = 0.05}).OutputShape({&x, 1}), ShapeError);
  const Shape tall{1, 1, int64_t{1} << 50, 1};
  EXPECT_THROW(Resize({.scale_h = 1e6}).OutputShape({&tall, 1}), ShapeError);
  EXPECT_THROW(Resize({.mode = "bilinear"}), ArgumentError);
}

}  // namespace
}  // namespace fovea
