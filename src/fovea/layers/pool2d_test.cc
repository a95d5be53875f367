#include "fovea/layers/pool2d.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/max_pool2d.h"

namespace fovea {
namespace {

constexpr double kTolerance = 1e-12;  // sums of at most a few dozen values

const std::vector<std::pair<Pool2dOptions, Shape>> kCases = {
    {{}, {2, 3, 6, 8}},
    {{}, {1, 2, 5, 7}},
    {{.kernel = {3, 2}, .stride = {1, 3}, .padding = {1, 0, 0, 1}}, {2, 2, 6, 7}},
    {{.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1), .ceil_mode = true}, {1, 2, 6, 5}},
    {{.kernel = {4, 3}, .stride = {2, 2}, .padding = {0, 0, 1, 0}, .ceil_mode = true}, {2, 2, 2, 2}},
    {{.kernel = {1, 1}, .stride = {1, 1}}, {2, 3, 1, 1}},
    {{.kernel = {2, 3}, .stride = {5, 4}}, {1, 1, 9, 9}},
    {{.kernel = {3, 2}, .stride = {2, 1}, .dilation = {2, 3}, .padding = {1, 2, 3, 0}}, {1, 2, 7, 6}},
    {{.kernel = {2, 3}, .stride = {1, 2}, .dilation = {3, 2}, .padding = PadAll(2), .ceil_mode = true},
     {2, 1, 4, 6}},
};

TEST(MaxPool2d, ReferenceMatchesDual) {
  for (const auto& [options, x] : kCases) {
    EXPECT_LE(DualGradientError(MaxPool2d(options), {x}, {.distinct = true}), kTolerance);
  }
}

TEST(AvgPool2d, ReferenceMatchesDual) {
  for (const auto& [options, x] : kCases) {
    AvgPool2dOptions average;
    static_cast<Pool2dOptions&>(average) = options;
    EXPECT_LE(DualGradientError(AvgPool2d(average), {x}), kTolerance);
    average.count_include_pad = false;
    EXPECT_LE(DualGradientError(AvgPool2d(average), {x}), kTolerance);
  }
}

TEST(GlobalAvgPool, ReferenceMatchesDual) {
  for (const Shape& x : {Shape{2, 3, 4, 5}, Shape{1, 2, 1, 1}}) {
    EXPECT_LE(DualGradientError(GlobalAvgPool(), {x}), kTolerance);
  }
}

Tensor<float> Plane(std::initializer_list<float> values, int64_t h, int64_t w) {
  Tensor<float> x({1, 1, h, w});
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

Tensor<float> GradientOf(const MaxPool2d& pool, const Tensor<float>& x) {
  const Shape y = pool.OutputShape({&x.shape(), 1});
  Tensor<float> dy(y, 1.0f), dx(x.shape(), std::nanf(""));
  pool.RunBackward(BackwardCall<float>{{x}, {}, {}, dy, {dx}});
  return dx;
}
Tensor<float> MaxGradient(const Pool2dOptions& o, const Tensor<float>& x) {
  return GradientOf(MaxPool2d(o), x);
}

TEST(MaxPool2d, TheFirstOfTiedMaximaTakesTheGradient) {
  const auto dx = MaxGradient({}, Plane({5, 5, 5, 5}, 2, 2));
  EXPECT_EQ(dx[0], 1);
  EXPECT_EQ(dx[1] + dx[2] + dx[3], 0);
}

TEST(MaxPool2d, TiedMaximaShareTheGradientWhereItIsSplit) {
  MaxPool2dOptions options;
  options.ties = "split";
  const float nan = std::nanf("");
  const auto dx = GradientOf(MaxPool2d(options), Plane({5, 1, nan, 7, 5, 5, 7, nan}, 2, 4));
  EXPECT_THAT(dx.values(), testing::ElementsAre(1.0f / 3, 0, 1, 0, 1.0f / 3, 1.0f / 3, 0, 0));
}

// E22: a maximum that also stands elsewhere in the plane keeps its gradient in its own window.
TEST(MaxPool2d, TheArgmaxIsTheWindowsOwn) {
  const auto dx = MaxGradient({}, Plane({0, 1, 9, 0, 1, 9, 0, 0}, 2, 4));
  EXPECT_EQ(dx[5], 1);
  EXPECT_EQ(dx[2], 1);
}

TEST(MaxPool2d, OverlappingWindowsAddUp) {
  const auto dx = MaxGradient({.kernel = {1, 2}, .stride = {1, 1}}, Plane({0, 9, 0}, 1, 3));
  EXPECT_EQ(dx[1], 2);
}

TEST(MaxPool2d, NanWinsAndKeepsItsGradient) {
  const Tensor<float> x = Plane({1, std::nanf(""), 7, std::nanf("")}, 2, 2);
  Tensor<float> y({1, 1, 1, 1});
  MaxPool2d().RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_TRUE(std::isnan(y[0]));
  EXPECT_EQ(MaxGradient({}, x)[1], 1);
}

// X2: nothing is larger than -infinity here, yet a valid place must win.
TEST(MaxPool2d, MinusInfinityHasAPlaceAndPaddingNeverWins) {
  const auto dx = MaxGradient({.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1)},
                              Plane({-INFINITY, -3, -2, -1}, 2, 2));
  EXPECT_EQ(dx[3], 1);
}

TEST(Pool2d, CeilModeDropsAWindowThatStartsInThePadding) {
  const auto extent = [](int64_t h, int64_t k, int64_t s, int64_t p, bool ceil) {
    const Shape x{1, 1, h, h};
    return MaxPool2d({.kernel = {k, k}, .stride = {s, s}, .padding = PadAll(p), .ceil_mode = ceil})
        .OutputShape({&x, 1})[2];
  };
  EXPECT_EQ(extent(112, 3, 2, 0, false), 55);  // X8
  EXPECT_EQ(extent(112, 3, 2, 0, true), 56);
  EXPECT_EQ(extent(64, 3, 2, 1, false), 32);
  EXPECT_EQ(extent(64, 3, 2, 1, true), 33);
  EXPECT_EQ(extent(2, 3, 2, 0, true), 1);  // a part of the first window
  EXPECT_THROW(extent(2, 3, 2, 0, false), ShapeError);
  EXPECT_THROW(extent(2, 4, 2, 0, true), ShapeError);
  EXPECT_EQ(extent(4, 2, 3, 1, true), 2);  // the third window would start at row 5 of 4 + 1
}

TEST(AvgPool2d, CountsPaddingOnRequest) {
  Tensor<float> y({1, 1, 2, 2});
  const Tensor<float> x = Plane({4, 4, 4, 4}, 2, 2);
  AvgPool2dOptions o;
  o.padding = PadAll(1);
  AvgPool2d(o).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 1);
  o.count_include_pad = false;
  AvgPool2d(o).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 4);
}

// docs/howto/sequences.md
TEST(Pool2d, OfOneRowIsOneDimensional) {
  AvgPool2dOptions o;
  o.kernel = {1, 2}, o.stride = {1, 2};
  const Tensor<float> x = Plane({1, 3, 8, 2}, 1, 4);
  Tensor<float> y({1, 1, 1, 2});
  AvgPool2d(o).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 2);
  EXPECT_EQ(y[1], 5);
  MaxPool2d(o).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_EQ(y[0], 3);
  EXPECT_EQ(y[1], 8);
}

TEST(Pool2d, DilatedWindowsReadPlacesThatLieApart) {
  const Tensor<float> x = Plane({1, 2, 3, 4, 5, 6, 7}, 1, 7);
  const Pool2dOptions dilated{
      .kernel = {1, 3}, .stride = {1, 1}, .dilation = {1, 2}, .padding = {0, 2, 0, 2}};
  Tensor<float> y({1, 1, 1, 7});
  MaxPool2d(dilated).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_THAT(y.values(), testing::ElementsAre(3, 4, 5, 6, 7, 6, 7));
  AvgPool2d({dilated, true}).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_THAT(y.values(), testing::ElementsAre(4.0f / 3, 2, 3, 4, 5, 10.0f / 3, 4));
  AvgPool2d({dilated, false}).RunForward(ForwardCall<float>{{x}, {}, {}, y});
  EXPECT_THAT(y.values(), testing::ElementsAre(2, 3, 3, 4, 5, 5, 6));
  const Tensor<float> column = Plane({7, 9, 5, 8, 1, 6, 2}, 7, 1);
  Tensor<float> z({1, 1, 3, 1});
  MaxPool2d({.kernel = {3, 1}, .stride = {1, 1}, .dilation = {2, 1}})
      .RunForward(ForwardCall<float>{{column}, {}, {}, z});
  EXPECT_THAT(z.values(), testing::ElementsAre(7, 9, 5));
}

TEST(Pool2d, RefusesWindowsThatDoNotFit) {
  const Shape x{1, 1, 2, 2};
  EXPECT_THROW(MaxPool2d({.kernel = {3, 3}}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(MaxPool2d({.padding = PadAll(2)}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(MaxPool2d({.dilation = {2, 1}}).OutputShape({&x, 1}), ShapeError);
  // Its places -1 and 2 would both lie beside the map.
  EXPECT_THROW(MaxPool2d({.dilation = {3, 3}, .padding = PadAll(1)}).OutputShape({&x, 1}), ShapeError);
}

}  // namespace
}  // namespace fovea
