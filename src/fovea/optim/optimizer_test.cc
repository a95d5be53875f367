// Every update rule follows its reference; python/tests/optim_test.py holds the references to the formulas and PyTorch.
#include "fovea/optim/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/base/random.h"
#include "fovea/optim/vectors.h"

namespace fovea {
namespace {

constexpr int64_t kCount = 20001;

std::vector<float> Normal(uint64_t index) {
  std::vector<float> x(kCount);
  RandomStream random({5}, index);
  for (float& v : x) v = static_cast<float>(random.Normal());
  return x;
}

void ExpectFollowsItsReference(const OptimizerOptions& options) {
  SCOPED_TRACE(options.kind);
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 7}) {
    ThreadPool pool(threads);
    std::vector<float> p = Normal(0), a(kCount), b(kCount);
    std::vector<double> want(p.begin(), p.end()), want_a(kCount), want_b(kCount);
    for (int t = 1; t <= 5; t++) {
      const std::vector<float> g = Normal(static_cast<uint64_t>(t));
      std::vector<float> half = g;  // the rule scales it
      for (float& v : half) v *= 0.5f;
      std::vector<double> whole(g.begin(), g.end());
      const double rate = 0.01 / t;
      OptimizerStep(pool, options, {rate, t, 0, kCount, half.data(), {a.data(), b.data()}, p.data(), 2});
      ReferenceStep(options, {rate, t, 0, kCount, whole.data(), {want_a.data(), want_b.data()}, want.data()});
    }
    for (std::size_t i = 0; i < want.size(); i++)
      ASSERT_NEAR(p[i], want[i], 1e-5) << i;  // five float steps near 1
    results.push_back(p);
    EXPECT_EQ(results.back(), results.front()) << threads << " threads";
  }
}

TEST(Optimizer, FollowsItsReference) {
  for (const std::string& kind : OptimizerNames()) {
    ExpectFollowsItsReference({.kind = kind});
    ExpectFollowsItsReference({.kind = kind,
                               .momentum = 0.7,
                               .nesterov = false,
                               .weight_decay = 0.1,
                               .beta1 = 0.8,
                               .beta2 = 0.9,
                               .alpha = 0.9,
                               .eps = 1e-3,
                               .lr_decay = 0.5});
  }
}

TEST(Optimizer, AdamsEpsilonStandsBeforeOrAfterTheCorrection) {
  for (const bool uncorrected : {false, true}) {
    ExpectFollowsItsReference(
        {.kind = "adam", .weight_decay = 0, .eps = 0.1, .eps_uncorrected = uncorrected});
  }
}

TEST(Optimizer, KnowsItsNames) {
  for (const std::string& name : OptimizerNames()) EXPECT_FALSE(KeptTensors({.kind = name}).empty());
  EXPECT_THROW(KeptTensors({.kind = "adan"}), ArgumentError);
}

TEST(Vectors, SumOfSquaresShowsWhatIsNotFinite) {
  ThreadPool one(1), seven(7);
  std::vector<float> x = Normal(3);
  double want = 0;
  for (float v : x) want += static_cast<double>(v) * static_cast<double>(v);
  EXPECT_NEAR(SumOfSquares(one, kCount, x.data()), want, 1e-5 * want);
  EXPECT_EQ(SumOfSquares(one, kCount, x.data()), SumOfSquares(seven, kCount, x.data()));
  for (std::size_t at : {std::size_t{0}, std::size_t{9999}, x.size() - 1}) {
    for (float bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      std::vector<float> broken = x;
      broken[at] = bad;
      EXPECT_FALSE(std::isfinite(SumOfSquares(seven, kCount, broken.data())));
    }
  }
}

TEST(Vectors, AveragesAddsScalesAndBlends) {
  ThreadPool pool(2);
  std::vector<float> x(20, 2.0f), y(20, 1.0f);
  MoveAverage(pool, 0.25, 20, x.data(), y.data());
  EXPECT_EQ(y[19], 1.25f);
  AddTo(pool, 20, x.data(), y.data());
  EXPECT_EQ(y[0], 3.25f);
  ScaleBy(pool, 2, 20, y.data());
  EXPECT_EQ(y[7], 6.5f);
  Blend(pool, 3, 20, x.data(), -1, y.data());
  EXPECT_EQ(y[19], -0.5f);
}

}  // namespace
}  // namespace fovea
