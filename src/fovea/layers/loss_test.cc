#include "fovea/layers/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/binary_cross_entropy.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/negative_log_likelihood.h"
#include "fovea/layers/regression_losses.h"
#include "fovea/layers/softmax.h"
#include "fovea/layers/softmax_cross_entropy.h"

namespace fovea {
namespace {

// The largest difference between dx by RunBackward and by one dual pass an entry, relative to the largest
// gradient.
double DualError(const Loss& loss, const Tensor<double>& x, const Targets<double>& targets,
                 const Targets<Dual>& dual_targets) {
  Tensor<double> dx(x.shape(), std::nan(""));
  loss.RunBackward(x, targets, dx);
  double error = 0, largest = 1e-30;
  for (int64_t i = 0; i < x.size(); i++) {
    Tensor<Dual> moved = Cast<Dual>(x.view());
    moved[i].derivative = 1;
    const Dual value = loss.RunForward(moved, dual_targets);
    error = std::max(error, std::abs(value.derivative - dx[i]));
    largest = std::max(largest, std::abs(dx[i]));
    if (std::isnan(dx[i])) return INFINITY;
  }
  return error / largest;
}

Tensor<double> Draw(const Shape& shape, uint64_t index) {
  Tensor<double> t(shape);
  RandomStream stream({2}, index);
  for (double& v : t.values()) v = 2 * stream.Normal();
  return t;
}

double DualError(const Loss& loss, int64_t n, int64_t k) {
  std::vector<int32_t> labels;
  RandomStream stream({2}, 7);
  for (int64_t i = 0; i < n; i++)
    labels.push_back(static_cast<int32_t>(stream.Below(static_cast<uint32_t>(k))));
  return DualError(loss, Draw({n, k}, 0), labels, labels);
}

// With a tensor of targets between 0 and 1.
double DualErrorOfValues(const Loss& loss, const Shape& shape) {
  Tensor<double> targets = Draw(shape, 1);
  for (double& t : targets.values()) t = std::abs(std::sin(t));
  return DualError(loss, Draw(shape, 0), targets, Cast<Dual>(targets.view()));
}

TEST(SoftmaxCrossEntropy, ReferenceMatchesDual) {
  for (const double smoothing : {0.0, 0.2, 1.0}) {
    for (const int64_t k : {2, 10})
      EXPECT_LE(DualError(SoftmaxCrossEntropy({.label_smoothing = smoothing}), 5, k), 1e-12);
  }
}

TEST(SoftmaxCrossEntropy, UniformScoresCostLogK) {
  const Tensor<double> x({3, 8}, 1e6);
  EXPECT_NEAR(SoftmaxCrossEntropy().RunForward(x, std::vector<int32_t>{0, 3, 7}), std::log(8.0), 1e-15);
}

TEST(SoftmaxCrossEntropy, StaysFiniteForHugeScores) {
  Tensor<float> x({1, 2}), dx({1, 2});
  x[0] = 1e30f, x[1] = -1e30f;
  EXPECT_EQ(SoftmaxCrossEntropy().RunForward(x, std::vector<int32_t>{0}), 0);
  SoftmaxCrossEntropy().RunBackward(x, std::vector<int32_t>{1}, dx);
  EXPECT_EQ(dx[0], 1);
  EXPECT_EQ(dx[1], -1);
}

TEST(MulticlassHinge, ReferenceMatchesDual) {
  for (const double margin : {0.0, 1.0, 3.0}) EXPECT_LE(DualError(MulticlassHinge({margin}), 5, 7), 1e-12);
}

TEST(MulticlassHinge, ATermOfExactlyZeroHasNoGradient) {
  Tensor<double> x({1, 2}), dx({1, 2});
  x[0] = 1, x[1] = 0;  // 0 - 1 + 1 = 0
  MulticlassHinge().RunBackward(x, std::vector<int32_t>{0}, dx);
  EXPECT_EQ(dx[0], 0);
  EXPECT_EQ(dx[1], 0);
}

// Published conventions of PyTorch's functions of these names, on numbers small enough to follow by hand.
constexpr double kLog2 = 0.69314718055994530942;

TEST(Loss, ReferencesMatchDual) {
  const std::vector<double> weights = {0.5, 2, 0, 1};
  const std::shared_ptr<const Loss> classes[] = {
      std::make_shared<SoftmaxCrossEntropy>(SoftmaxCrossEntropyOptions{.class_weights = weights}),
      std::make_shared<SoftmaxCrossEntropy>(SoftmaxCrossEntropyOptions{0.2, weights}),
      std::make_shared<NegativeLogLikelihood>(),
      std::make_shared<NegativeLogLikelihood>(NegativeLogLikelihoodOptions{weights})};
  for (const auto& loss : classes) {
    EXPECT_LE(DualError(*loss, 5, 4), 1e-12) << loss->Type();
    EXPECT_LE(DualErrorOfValues(*loss, {5, 4}), 1e-12) << loss->Type();
  }
  EXPECT_LE(DualErrorOfValues(BinaryCrossEntropy(), {3, 4, 2}), 1e-12);
  EXPECT_LE(DualErrorOfValues(BinaryCrossEntropy({{2.5}}), {3, 4, 2}), 1e-12);
  EXPECT_LE(DualErrorOfValues(BinaryCrossEntropy({{0.5, 1, 2, 3}}), {3, 4}), 1e-12);
  EXPECT_LE(DualErrorOfValues(MeanSquaredError(), {3, 4, 2}), 1e-12);
  EXPECT_LE(DualErrorOfValues(MeanAbsoluteError(), {7}), 1e-12);
  EXPECT_LE(DualErrorOfValues(Huber(), {3, 4}), 1e-12);
  EXPECT_LE(DualErrorOfValues(Huber({0.3}), {3, 4}), 1e-12);
}

TEST(SoftmaxCrossEntropy, ClassWeightsDivideByTheWeightsOfTheLabels) {
  const Tensor<double> x({2, 2});  // every score 0: each sample costs w[label] * log 2
  const SoftmaxCrossEntropy loss({.class_weights = {1, 3}});
  EXPECT_NEAR(loss.RunForward(x, std::vector<int32_t>{0, 1}), kLog2, 1e-15);
  Tensor<double> dx({2, 2});
  loss.RunBackward(x, std::vector<int32_t>{0, 1}, dx);
  EXPECT_NEAR(dx(0, 0), -0.5 / 4, 1e-15);
  EXPECT_NEAR(dx(1, 1), -1.5 / 4, 1e-15);
  // Of soft targets the divisor is the number of samples: (w0 + w1)/2 * log 2.
  EXPECT_NEAR(loss.RunForward(x, Tensor<double>({2, 2}, 0.5)), 2 * kLog2, 1e-15);
}

TEST(SoftmaxCrossEntropy, LabelsAreSharesOfOne) {
  const Tensor<double> x = Draw({3, 4}, 5);
  Tensor<double> shares({3, 4});
  const std::vector<int32_t> labels = {2, 0, 3};
  for (int64_t n = 0; n < 3; n++) shares(n, labels[static_cast<std::size_t>(n)]) = 1;
  const SoftmaxCrossEntropy loss({.label_smoothing = 0.3});
  EXPECT_EQ(loss.RunForward(x, labels), loss.RunForward(x, shares));
}

TEST(SoftmaxCrossEntropy, AClassThatIsMaskedOutCostsNothing) {
  Tensor<double> x({1, 3});
  x[2] = -INFINITY;
  EXPECT_NEAR(SoftmaxCrossEntropy().RunForward(x, std::vector<int32_t>{0}), kLog2, 1e-15);
}

TEST(NegativeLogLikelihood, IsTheCrossEntropyOfALogSoftmax) {
  const Tensor<double> x = Draw({3, 4}, 6);
  Tensor<double> logs({3, 4});
  LogSoftmax().RunForward(ForwardCall<double>{{x}, {}, {}, logs});
  const std::vector<int32_t> labels = {2, 0, 3};
  const std::vector<double> weights = {1, 2, 3, 4};
  EXPECT_NEAR(NegativeLogLikelihood({weights}).RunForward(logs, labels),
              SoftmaxCrossEntropy({.class_weights = weights}).RunForward(x, labels), 1e-14);
}

TEST(BinaryCrossEntropy, WeighsPositivesAndStaysFinite) {
  Tensor<double> x({2, 1}), target({2, 1});
  target[0] = 1;  // both elements cost log 2, the positive one three times
  EXPECT_NEAR(BinaryCrossEntropy({{3}}).RunForward(x, target), 2 * kLog2, 1e-15);
  x[0] = -1e30, x[1] = 1e30;
  EXPECT_EQ(BinaryCrossEntropy().RunForward(x, target), 1e30);
  EXPECT_THROW(BinaryCrossEntropy({{1, 2, 3}}).RunForward(x, target), ArgumentError);
}

TEST(RegressionLosses, HaveTheValuesOfTheirEquations) {
  Tensor<double> x({2, 2}), target({2, 2}), dx({2, 2});
  x[0] = 3, x[1] = -1, x[2] = 0.5, target[3] = 4;  // differences 3, -1, 0.5, -4
  EXPECT_EQ(MeanSquaredError().RunForward(x, target), (9 + 1 + 0.25 + 16) / 4);
  EXPECT_EQ(MeanAbsoluteError().RunForward(x, target), (3 + 1 + 0.5 + 4) / 4);
  EXPECT_EQ(Huber({2}).RunForward(x, target), (2 * (3 - 1) + 0.5 + 0.125 + 2 * (4 - 1)) / 4);
  Huber({2}).RunBackward(x, target, dx);
  EXPECT_THAT(dx.values(), testing::ElementsAre(0.5, -0.25, 0.125, -0.5));
  x[3] = 4;
  MeanAbsoluteError().RunBackward(x, target, dx);
  EXPECT_THAT(dx.values(), testing::ElementsAre(0.25, -0.25, 0.25, 0));
}

TEST(Loss, NamesTargetsThatDoNotFit) {
  const Tensor<float> x({2, 3});
  EXPECT_THROW(MeanSquaredError().RunForward(x, std::vector<int32_t>{0, 1}), ArgumentError);
  EXPECT_THROW(MulticlassHinge().RunForward(x, Tensor<float>({2, 3})), ArgumentError);
  EXPECT_THROW(MeanSquaredError().RunForward(x, Tensor<float>({3, 2})), ShapeError);
  EXPECT_THROW(SoftmaxCrossEntropy({.class_weights = {1, 2}}).RunForward(x, std::vector<int32_t>{0, 1}),
               ArgumentError);
  EXPECT_THROW(SoftmaxCrossEntropy({.class_weights = {1, -2}}), ArgumentError);
}

TEST(Loss, NamesTheLabelThatIsOutOfRange) {
  const Tensor<float> x({2, 3});
  try {
    SoftmaxCrossEntropy().RunForward(x, std::vector<int32_t>{0, 3});
    FAIL();
  } catch (const ArgumentError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("label 3 of sample 1 is outside the 3 classes"));
  }
  EXPECT_THROW(SoftmaxCrossEntropy().RunForward(x, std::vector<int32_t>{0}), ShapeError);
}

}  // namespace
}  // namespace fovea
