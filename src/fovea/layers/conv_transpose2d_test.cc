#include "fovea/layers/conv_transpose2d.h"

#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

constexpr double kTolerance = 1e-12;  // sums of a few hundred products

Shape ShapeAfter(const ConvTranspose2d& layer, const Shape& x) { return layer.OutputShape({&x, 1}); }

TEST(ConvTranspose2d, ReferenceMatchesDual) {
  const std::vector<std::pair<ConvTranspose2dOptions, Shape>> cases = {
      {{.filters = 4}, {2, 3, 5, 6}},
      {{.filters = 3, .kernel = {2, 5}, .stride = {3, 2}, .padding = {1, 2, 0, 3}, .output_padding = {2, 1}},
       {2, 2, 4, 5}},
      {{.filters = 6, .kernel = {3, 2}, .padding = PadAll(2), .dilation = {2, 3}, .groups = 2}, {1, 4, 6, 7}},
      {{.filters = 4, .stride = {2, 2}, .groups = 4, .bias = false}, {2, 4, 4, 4}},
      {{.filters = 2, .kernel = {1, 1}, .stride = {3, 3}, .output_padding = {2, 0}}, {3, 5, 1, 2}},
  };
  for (const auto& [options, x] : cases) {
    EXPECT_LE(DualGradientError(ConvTranspose2d(options), {x}), kTolerance)
        << ToString(ConvTranspose2d(options));
  }
}

// <conv(a), b> = <a, transposed(b)>: what the word means.
TEST(ConvTranspose2d, IsTheTransposeOfTheConvolution) {
  const ConvTranspose2d layer({.filters = 6,
                               .kernel = {3, 2},
                               .stride = {2, 3},
                               .padding = {1, 0, 2, 1},
                               .output_padding = {1, 2},
                               .groups = 2,
                               .bias = false});
  const Shape small{2, 4, 3, 4}, large = ShapeAfter(layer, small);
  const Conv2d conv(layer.Transposed(4));
  ASSERT_EQ(conv.OutputShape({&large, 1}), small);
  ASSERT_EQ(conv.Parameters({&large, 1})[0].shape, layer.Parameters({&small, 1})[0].shape);
  RandomStream stream({3, Purpose::kTest}, 0);
  Tensor<double> a(large), b(small), conv_a(small), layer_b(large), w(layer.Parameters({&small, 1})[0].shape);
  for (auto* t : {&a, &b, &w}) {
    for (double& v : t->values()) v = stream.Normal();
  }
  conv.RunForward(ForwardCall<double>{{a}, {w}, {}, conv_a});
  layer.RunForward(ForwardCall<double>{{b}, {w}, {}, layer_b});
  double one = 0, other = 0;
  for (int64_t i = 0; i < b.size(); i++) one += conv_a[i] * b[i];
  for (int64_t i = 0; i < a.size(); i++) other += layer_b[i] * a[i];
  EXPECT_NEAR(one, other, 1e-12 * std::abs(one) + 1e-12);
}

TEST(ConvTranspose2d, ShapeIsPyTorchs) {
  EXPECT_EQ(ShapeAfter(ConvTranspose2d({.filters = 8,
                                        .kernel = {4, 3},
                                        .stride = {2, 3},
                                        .padding = {1, 0, 1, 2},
                                        .output_padding = {1, 2},
                                        .dilation = {2, 1}}),
                       {4, 3, 7, 5}),
            (Shape{4, 8, 12 - 2 + 6 + 1 + 1, 12 - 2 + 2 + 2 + 1}));
  // Output padding beyond the stride, below the dilation.
  EXPECT_EQ(ShapeAfter(ConvTranspose2d({.output_padding = {1, 1}, .dilation = {2, 2}}), {1, 1, 4, 4}),
            (Shape{1, 1, 7, 7}));
}

TEST(ConvTranspose2d, UnreachedNumbersAreTheBias) {
  const ConvTranspose2d layer({.kernel = {1, 1}, .stride = {2, 2}, .output_padding = {1, 1}});
  const Tensor<float> x({1, 1, 1, 1}, 3), w({1, 1, 1, 1}, 2), b({1}, 5);
  Tensor<float> y({1, 1, 2, 2});
  layer.RunForward(ForwardCall<float>{{x}, {w, b}, {}, y});
  EXPECT_EQ(y[0], 11);
  EXPECT_EQ(y[1], 5);
  EXPECT_EQ(y[3], 5);
}

TEST(ConvTranspose2d, RefusesWhatCannotBe) {
  EXPECT_THROW(ConvTranspose2d({.stride = {2, 2}, .output_padding = {2, 0}}), ArgumentError);
  EXPECT_THROW(ShapeAfter(ConvTranspose2d({.filters = 3, .groups = 2}), {1, 4, 4, 4}), ShapeError);
  EXPECT_THROW(ShapeAfter(ConvTranspose2d({.padding = PadAll(2)}), {1, 1, 2, 2}), ShapeError);
  EXPECT_THROW(ShapeAfter(ConvTranspose2d(ConvTranspose2dOptions{}), {1, 3}), ShapeError);
}

}  // namespace
}  // namespace fovea
