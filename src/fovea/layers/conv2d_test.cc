#include "fovea/layers/conv2d.h"

#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

// Sums of a few hundred products in double: 1e-13 in practice.
constexpr double kTolerance = 1e-12;

TEST(Conv2d, ReferenceMatchesDual) {
  const std::vector<std::pair<Conv2dOptions, Shape>> cases = {
      {{.filters = 4}, {2, 3, 5, 6}},
      {{.filters = 3, .kernel = {2, 5}, .stride = {3, 2}, .padding = {1, 2, 0, 3}}, {2, 2, 7, 9}},
      {{.filters = 6, .kernel = {3, 2}, .padding = PadAll(2), .dilation = {2, 3}, .groups = 2}, {1, 4, 6, 7}},
      {{.filters = 4, .padding = PadAll(1), .groups = 4}, {2, 4, 4, 4}},
      {{.filters = 2, .kernel = {1, 1}, .bias = false}, {3, 5, 1, 1}},
      {{.filters = 2, .stride = {4, 4}, .padding = PadAll(1)}, {1, 1, 6, 6}},
  };
  for (const auto& [options, x] : cases) {
    EXPECT_LE(DualGradientError(Conv2d(options), {x}), kTolerance) << ToString(Conv2d(options));
  }
}

TEST(Conv2d, ShapeRuleFloorsAndCountsPadding) {
  const Conv2d layer({.filters = 8, .kernel = {7, 3}, .stride = {2, 3}, .padding = {2, 0, 3, 1}});
  const Shape x{4, 3, 224, 10};
  EXPECT_EQ(layer.OutputShape({&x, 1}), (Shape{4, 8, 112, 3}));
  EXPECT_EQ(layer.MultiplyAdds({&x, 1}), 4 * 8 * 112 * 3 * 3 * 21);
}

// docs/howto/sequences.md
TEST(Conv2d, OfOneRowIsOneDimensional) {
  const Conv2d layer(
      {.filters = 2, .kernel = {1, 3}, .stride = {1, 2}, .padding = {0, 1, 0, 1}, .bias = false});
  const int64_t c = 3, l = 8;
  Tensor<double> x({1, c, 1, l}), w({2, c, 1, 3});
  for (auto* t : {&x, &w}) {
    for (int64_t i = 0; i < t->size(); i++) (*t)[i] = static_cast<double>(i * i % 11);
  }
  Tensor<double> y(layer.OutputShape({&x.shape(), 1}));
  ASSERT_EQ(y.shape(), (Shape{1, 2, 1, 4}));
  layer.RunForward(ForwardCall<double>{{x}, {w}, {}, y});
  for (int64_t k = 0; k < 2; k++) {
    for (int64_t q = 0; q < 4; q++) {
      double want = 0;
      for (int64_t i = 0; i < c; i++) {
        for (int64_t s = 0; s < 3; s++) {
          const int64_t at = 2 * q + s - 1;
          if (at >= 0 && at < l) want += w[(k * c + i) * 3 + s] * x[i * l + at];
        }
      }
      EXPECT_EQ(y[k * 4 + q], want);
    }
  }
}

TEST(Conv2d, RefusesWhatCannotBe) {
  const Shape small{1, 3, 2, 8}, flat{1, 3};
  EXPECT_THROW(Conv2d({.filters = 1}).OutputShape({&small, 1}), ShapeError);
  EXPECT_THROW(Conv2d({.filters = 1}).OutputShape({&flat, 1}), ShapeError);
  const Shape x{1, 3, 8, 8};
  EXPECT_THROW(Conv2d({.filters = 4, .groups = 2}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(Conv2d({.filters = 0}), ArgumentError);
}

}  // namespace
}  // namespace fovea
