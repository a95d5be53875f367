#include "fovea/layers/row_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/group_norm.h"
#include "fovea/layers/instance_norm.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/layer_norm.h"

namespace fovea {
namespace {

// A sum of a few dozen values under a root, whose derivative is a difference.
constexpr double kTolerance = 1e-12;

Tensor<double> Applied(const Layer& layer, const Tensor<double>& x,
                       const std::vector<Tensor<double>>& w = {}) {
  Tensor<double> y(x.shape());
  ForwardCall<double> call{{x}, {}, {}, y};
  for (const auto& t : w) call.w.push_back(t);
  layer.RunForward(call);
  return y;
}

Tensor<double> Counting(const Shape& shape) {
  Tensor<double> x(shape);
  for (int64_t i = 0; i < x.size(); i++) x[i] = static_cast<double>(i * i % 17);
  return x;
}

void ExpectEqual(const Tensor<double>& a, const Tensor<double>& b) {
  for (int64_t i = 0; i < a.size(); i++) EXPECT_NEAR(a[i], b[i], 1e-12) << i;
}

TEST(LayerNorm, ReferenceMatchesDual) {
  for (const bool affine : {false, true}) {
    EXPECT_LE(DualGradientError(LayerNorm({{5}, 1e-5, affine}), {{2, 3, 4, 5}}), kTolerance);
    EXPECT_LE(DualGradientError(LayerNorm({{3, 4, 5}, 1e-3, affine}), {{2, 3, 4, 5}}), kTolerance);
    EXPECT_LE(DualGradientError(LayerNorm({{7}, 0, affine}), {{3, 7}}), kTolerance);
  }
}

TEST(GroupNorm, ReferenceMatchesDual) {
  for (const bool affine : {false, true}) {
    EXPECT_LE(DualGradientError(GroupNorm({2, 1e-5, affine}), {{2, 6, 2, 3}}), kTolerance);
    EXPECT_LE(DualGradientError(GroupNorm({3, 1e-2, affine}), {{4, 12}}), kTolerance);
    EXPECT_LE(DualGradientError(GroupNorm({1, 1e-5, affine}), {{2, 3, 5}}), kTolerance);
  }
}

TEST(InstanceNorm, ReferenceMatchesDual) {
  for (const bool affine : {false, true}) {
    EXPECT_LE(DualGradientError(InstanceNorm({1e-5, affine}), {{2, 3, 4, 2}}), kTolerance);
    EXPECT_LE(DualGradientError(InstanceNorm({1e-5, affine}), {{2, 3, 6}}), kTolerance);
  }
}

// Two numbers 1 and 3: mean 2, biased variance 1.
TEST(LayerNorm, NormalisesByTheBiasedVarianceWithEpsInside) {
  Tensor<double> x({1, 2}), w({2}), b({2});
  x[0] = 1, x[1] = 3, w[0] = 2, w[1] = 3, b[1] = 10;
  const Tensor<double> y = Applied(LayerNorm({{2}, 0.21}), x, {w, b});
  EXPECT_NEAR(y[0], -2 / 1.1, 1e-12);
  EXPECT_NEAR(y[1], 3 / 1.1 + 10, 1e-12);
}

TEST(GroupNorm, OfOneGroupIsLayerNormAndOfSingleChannelsInstanceNorm) {
  const Tensor<double> x = Counting({2, 4, 3, 2});
  ExpectEqual(Applied(GroupNorm({1, 1e-5, false}), x), Applied(LayerNorm({{4, 3, 2}, 1e-5, false}), x));
  ExpectEqual(Applied(GroupNorm({4, 1e-5, false}), x), Applied(InstanceNorm(), x));
}

TEST(GroupNorm, ScalesByChannelAndNotByGroup) {
  Tensor<double> w({4}), b({4});
  for (int64_t c = 0; c < 4; c++) w[c] = static_cast<double>(c);
  const Tensor<double> x = Counting({1, 4, 2, 2}), plain = Applied(GroupNorm({2, 1e-5, false}), x),
                       scaled = Applied(GroupNorm({2}), x, {w, b});
  for (int64_t i = 0; i < x.size(); i++) EXPECT_NEAR(scaled[i], static_cast<double>(i / 4) * plain[i], 1e-12);
}

TEST(RowNorm, EqualNumbersGiveTheBias) {
  const Tensor<double> x({1, 2, 1, 1}, 7), w({2}, 3), b({2}, 0.5);
  const Tensor<double> y = Applied(InstanceNorm({.affine = true}), x, {w, b});
  EXPECT_EQ(y[0], 0.5);
}

TEST(RowNorm, RefusesWhatDoesNotFit) {
  const Shape x{2, 6, 4, 4}, features{2, 6};
  EXPECT_THROW(GroupNorm({4}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(InstanceNorm().OutputShape({&features, 1}), ShapeError);
  EXPECT_THROW(LayerNorm({{6}}).OutputShape({&x, 1}), ShapeError);
  EXPECT_THROW(LayerNorm({{2, 6}}).OutputShape({&features, 1}), ShapeError);  // the batch
  EXPECT_THROW(LayerNorm(LayerNormOptions{}).OutputShape({&x, 1}), ShapeError);
}

}  // namespace
}  // namespace fovea
