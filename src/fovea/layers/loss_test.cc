#include "fovea/layers/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/softmax_cross_entropy.h"

namespace fovea {
namespace {

// The largest difference between dx by RunBackward and by one dual pass an entry, relative to the largest
// gradient.
double DualError(const Loss& loss, int64_t n, int64_t k) {
  Tensor<double> x({n, k}), dx({n, k}, std::nan(""));
  std::vector<int32_t> labels;
  RandomStream stream({2}, 0);
  for (double& v : x.values()) v = 2 * stream.Normal();
  for (int64_t i = 0; i < n; i++)
    labels.push_back(static_cast<int32_t>(stream.Below(static_cast<uint32_t>(k))));
  loss.RunBackward(x, labels, dx);
  double error = 0, largest = 1e-30;
  for (int64_t i = 0; i < x.size(); i++) {
    Tensor<Dual> moved = Cast<Dual>(x.view());
    moved[i].derivative = 1;
    const Dual value = loss.RunForward(moved, labels);
    error = std::max(error, std::abs(value.derivative - dx[i]));
    largest = std::max(largest, std::abs(dx[i]));
    if (std::isnan(dx[i])) return INFINITY;
  }
  return error / largest;
}

TEST(SoftmaxCrossEntropy, ReferenceMatchesDual) {
  for (const double smoothing : {0.0, 0.2, 1.0}) {
    for (const int64_t k : {2, 10}) EXPECT_LE(DualError(SoftmaxCrossEntropy({smoothing}), 5, k), 1e-12);
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
