// The fast losses are held to the references in double.
#include "fovea/engine/loss_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/base/random.h"
#include "fovea/layers/multiclass_hinge.h"
#include "fovea/layers/negative_log_likelihood.h"
#include "fovea/layers/regression_losses.h"
#include "fovea/layers/softmax_cross_entropy.h"

namespace fovea {
namespace {

struct Case {
  Tensor<float> x;
  std::vector<int32_t> labels;
};

Case Draw(int64_t samples, int64_t classes, uint64_t index) {
  Case c{Tensor<float>({samples, classes}), {}};
  RandomStream random({41}, index);
  for (float& v : c.x.values()) v = static_cast<float>(10 * random.Normal());
  for (int64_t n = 0; n < samples; n++)
    c.labels.push_back(static_cast<int32_t>(random.Below(static_cast<uint32_t>(classes))));
  return c;
}

void Check(const Loss& loss, const Case& c, const Targets<float>& targets,
           const Targets<double>& wide_targets) {
  const int64_t samples = c.x.extent(0), classes = c.x.extent(1);
  SCOPED_TRACE(std::string(loss.Type()) + " of " + std::to_string(samples) + "x" + std::to_string(classes));
  const Tensor<double> x = Cast<double>(c.x.view());
  Tensor<double> want({samples, classes});
  Tensor<float> got({samples, classes}), again({samples, classes});
  loss.RunBackward(x, wide_targets, want);
  const double want_loss = loss.RunForward(x, wide_targets);
  ThreadPool two(2), seven(7);
  const float mean = RunLoss(two, loss, c.x, targets, got);
  EXPECT_NEAR(static_cast<double>(mean), want_loss, 2e-6 * want_loss + 1e-6);
  double error = 0, size = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    error += std::pow(static_cast<double>(got[i]) - want[i], 2), size += want[i] * want[i];
  }
  EXPECT_LE(std::sqrt(error), 2e-6 * std::sqrt(size) + 1e-9);
  EXPECT_EQ(RunLoss(seven, loss, c.x, targets, again), mean);
  EXPECT_EQ(std::memcmp(got.data(), again.data(), static_cast<std::size_t>(got.size()) * sizeof(float)), 0);
  EXPECT_EQ(RunLoss(seven, loss, c.x, targets), mean) << "without a gradient";
}

void Check(const Loss& loss, int64_t samples, int64_t classes) {
  const Case c = Draw(samples, classes, static_cast<uint64_t>(samples * 1000 + classes));
  Check(loss, c, c.labels, c.labels);
}

void CheckShares(const Loss& loss, int64_t samples, int64_t classes) {
  const Case c = Draw(samples, classes, 77);
  Tensor<float> shares({samples, classes});
  for (int64_t i = 0; i < shares.size(); i++) shares[i] = static_cast<float>(i % 5) / 8;
  Check(loss, c, shares, Cast<double>(shares.view()));
}

TEST(LossRun, MatchesTheReferences) {
  for (int64_t samples : {1, 7, 130}) {
    for (int64_t classes : {1, 2, 10, 16, 17, 1000}) {
      Check(SoftmaxCrossEntropy(), samples, classes);
      Check(SoftmaxCrossEntropy({.label_smoothing = 0.1}), samples, classes);
      Check(MulticlassHinge(), samples, classes);
      std::vector<double> weights;
      for (int64_t k = 0; k < classes; k++) weights.push_back(0.5 + static_cast<double>(k % 3));
      Check(SoftmaxCrossEntropy({0.1, weights}), samples, classes);
      CheckShares(SoftmaxCrossEntropy({0.1, weights}), samples, classes);
      CheckShares(MeanSquaredError(), samples, classes);
    }
  }
}

// A batch in pieces gives what the whole gives, also where classes have weights.
TEST(LossRun, PiecesMakeTheWhole) {
  ThreadPool pool(2);
  const Case c = Draw(12, 3, 3);
  const SoftmaxCrossEntropy weighted({.class_weights = {1, 4, 0.5}});
  const NegativeLogLikelihood likelihood({.class_weights = {1, 4, 0.5}});
  for (const Loss* loss : {static_cast<const Loss*>(&weighted), static_cast<const Loss*>(&likelihood)}) {
    Tensor<float> want({12, 3}), got({12, 3});
    const float mean = RunLoss(pool, *loss, c.x, c.labels, want);
    const double whole = loss->Weight<float>(c.x.shape(), c.labels);
    float sum = 0;
    for (int64_t first : {0, 5}) {
      const int64_t count = first == 0 ? 5 : 7;
      const Labels labels(c.labels.data() + first, static_cast<std::size_t>(count));
      sum += RunLoss(pool, *loss, TensorView<const float>(&c.x(first, 0), {count, 3}), labels,
                     TensorView<float>(&got(first, 0), {count, 3}), whole);
    }
    EXPECT_NEAR(sum, mean, 1e-6 * std::abs(mean));
    for (int64_t i = 0; i < want.size(); i++) EXPECT_NEAR(got[i], want[i], 1e-7) << i;
  }
}

TEST(LossRun, RefusesWhatTheReferenceRefuses) {
  ThreadPool pool(1);
  Case c = Draw(3, 4, 1);
  c.labels[1] = 4;
  EXPECT_THROW(RunLoss(pool, SoftmaxCrossEntropy(), c.x, c.labels), ArgumentError);
  c.labels.pop_back();
  EXPECT_THROW(RunLoss(pool, SoftmaxCrossEntropy(), c.x, c.labels), ShapeError);
}

TEST(LossRun, AScoreThatIsNotFiniteShows) {
  ThreadPool pool(2);
  for (float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Case c = Draw(5, 10, 2);
    c.x(3, 7) = bad;
    EXPECT_FALSE(std::isfinite(RunLoss(pool, SoftmaxCrossEntropy(), c.x, c.labels)));
  }
}

}  // namespace
}  // namespace fovea
