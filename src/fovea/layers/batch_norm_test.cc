#include "fovea/layers/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

// Sums over at most a hundred values in double.
constexpr double kTolerance = 1e-12;

struct Outcome {
  Tensor<float> y, mean, variance;
};
Outcome Forward(const BatchNorm& layer, const Tensor<float>& x, Mode mode, float gamma = 1, float beta = 0) {
  const int64_t c = x.extent(1);
  Outcome run{Tensor<float>(x.shape()), Tensor<float>({c}), Tensor<float>({c}, 1.0f)};
  Tensor<float> w({c}, gamma), b({c}, beta);
  layer.RunForward(ForwardCall<float>{{x}, {w, b}, {run.mean, run.variance}, run.y, mode});
  return run;
}

TEST(BatchNorm, ReferenceMatchesDual) {
  for (const Shape& x : {Shape{2, 3, 4, 5}, Shape{6, 4}, Shape{5, 2, 1, 1}, Shape{1, 2, 3, 1}}) {
    EXPECT_LE(DualGradientError(BatchNorm(), {x}), kTolerance);
    EXPECT_LE(DualGradientError(BatchNorm({.eps = 0.1}), {x}), kTolerance);
    EXPECT_LE(DualGradientError(BatchNorm({.frozen = true}), {x}), kTolerance);
    EXPECT_LE(DualGradientError(BatchNorm(), {x}, {.mode = Mode::kInference}), kTolerance);
  }
}

TEST(BatchNorm, NormalisesWithTheBiasedVariance) {
  Tensor<float> x({4, 1});
  for (int i = 0; i < 4; i++) x[i] = static_cast<float>(i);  // mean 1.5, variance 1.25
  const Outcome run = Forward(BatchNorm({.eps = 0}), x, Mode::kTraining, 2, 1);
  EXPECT_FLOAT_EQ(run.y[3], 1 + 2 * 1.5f / std::sqrt(1.25f));
  // momentum 0.1 weighs the new value, and the running variance takes the unbiased 5/3.
  EXPECT_FLOAT_EQ(run.mean[0], 0.15f);
  EXPECT_FLOAT_EQ(run.variance[0], 0.9f + 0.1f * 5 / 3);
}

TEST(BatchNorm, EpsilonStandsInsideTheRoot) {
  Tensor<float> x({2, 1});
  x[0] = -1e-3f, x[1] = 1e-3f;
  EXPECT_NEAR(Forward(BatchNorm({.eps = 3e-6}), x, Mode::kTraining).y[1], 0.5, 1e-6);  // 1e-3 / sqrt(4e-6)
}

TEST(BatchNorm, InferenceAndFrozenUseAndKeepTheRunningStatistics) {
  Tensor<float> x({3, 1}, 7.0f);
  for (const auto& [layer, mode] :
       {std::pair(BatchNorm(), Mode::kInference), std::pair(BatchNorm({.frozen = true}), Mode::kTraining)}) {
    const Outcome run = Forward(layer, x, mode);
    EXPECT_NEAR(run.y[0], 7, 1e-4);
    EXPECT_EQ(run.mean[0], 0);
    EXPECT_EQ(run.variance[0], 1);
  }
}

// X9: mean(x^2) - mean(x)^2 loses the variance of values far from zero; two passes keep it.
TEST(BatchNorm, SurvivesALargeMean) {
  Tensor<float> x({1000, 1});
  RandomStream stream({4}, 0);
  double mean = 0, square = 0;
  for (float& v : x.values()) v = static_cast<float>(1000 + stream.Normal());
  for (float v : x.values()) mean += v / 1000.0;
  for (float v : x.values()) square += (v - mean) * (v - mean) / 999.0;
  EXPECT_NEAR(Forward(BatchNorm({.momentum = 1}), x, Mode::kTraining).variance[0], square, 1e-3);
}

TEST(BatchNorm, RefusesToTrainOnOneValue) {
  EXPECT_THROW(Forward(BatchNorm(), Tensor<float>({1, 3}), Mode::kTraining), ShapeError);
  EXPECT_NO_THROW(Forward(BatchNorm(), Tensor<float>({1, 3}), Mode::kInference));
}

// E37: a bias before batch norm is cancelled by the mean, so its gradient, the sum of dx, is 0.
TEST(BatchNorm, GradientOfABiasBeforeItIsZero) {
  Tensor<double> x({8, 1}), dy({8, 1}), dx({8, 1}), w({1}, 1.3), b({1}), mean({1}), var({1}), dw({1}),
      db({1});
  RandomStream stream({5}, 0);
  for (int i = 0; i < 8; i++) x[i] = stream.Normal(), dy[i] = stream.Normal();
  BatchNorm().RunBackward(
      BackwardCall<double>{{x}, {w, b}, {mean, var}, dy, {dx}, {dw, db}, Mode::kTraining});
  double sum = 0;
  for (double v : dx.values()) sum += v;
  EXPECT_NEAR(sum, 0, 1e-14);
}

}  // namespace
}  // namespace fovea
