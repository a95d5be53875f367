// Every update rule follows its formula in double.
#include "fovea/optim/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
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

// The rule on one element: its gradient (decay included by the rule), kept values and parameter.
using Rule = std::function<void(double rate, int t, double g, double* kept, double& p)>;

void ExpectFollows(const OptimizerOptions& options, const Rule& rule) {
  SCOPED_TRACE(options.kind);
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 7}) {
    ThreadPool pool(threads);
    std::vector<float> p = Normal(0), a(kCount), b(kCount);
    std::vector<double> want(p.begin(), p.end()), kept(2 * kCount);
    for (int t = 1; t <= 5; t++) {
      const std::vector<float> g = Normal(static_cast<uint64_t>(t));
      std::vector<float> half = g;  // the rule scales it
      for (float& v : half) v *= 0.5f;
      const double rate = 0.01 / t;
      OptimizerStep(pool, options, {rate, t, 0, kCount, half.data(), {a.data(), b.data()}, p.data(), 2});
      for (std::size_t i = 0; i < want.size(); i++) rule(rate, t, g[i], &kept[2 * i], want[i]);
    }
    for (std::size_t i = 0; i < want.size(); i++)
      ASSERT_NEAR(p[i], want[i], 1e-5) << i;  // five float steps near 1
    results.push_back(p);
    EXPECT_EQ(results.back(), results.front()) << threads << " threads";
  }
}

TEST(Optimizer, SgdFollowsItsFormula) {
  ExpectFollows({.kind = "sgd", .weight_decay = 0.1},
                [](double rate, int, double g, double* kept, double& p) {
                  const double d = g + 0.1 * p;
                  kept[0] = 0.9 * kept[0] + d;
                  p -= rate * (d + 0.9 * kept[0]);
                });
}

void Adam(double rate, int t, double d, double* kept, double& p) {
  kept[0] = 0.8 * kept[0] + 0.2 * d;
  kept[1] = 0.9 * kept[1] + 0.1 * d * d;
  p -= rate * (kept[0] / (1 - std::pow(0.8, t))) / (std::sqrt(kept[1] / (1 - std::pow(0.9, t))) + 1e-3);
}

TEST(Optimizer, AdamFollowsItsFormula) {
  const OptimizerOptions options{
      .kind = "adam", .weight_decay = 0.1, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3};
  ExpectFollows(options, [](double rate, int t, double g, double* kept, double& p) {
    Adam(rate, t, g + 0.1 * p, kept, p);
  });
}

TEST(Optimizer, AdamsEpsilonStandsBeforeOrAfterTheCorrection) {
  const OptimizerOptions options{
      .kind = "adam", .weight_decay = 0, .beta1 = 0.8, .beta2 = 0.9, .eps = 0.1, .eps_uncorrected = true};
  ExpectFollows(options, [](double rate, int t, double g, double* kept, double& p) {
    kept[0] = 0.8 * kept[0] + 0.2 * g;
    kept[1] = 0.9 * kept[1] + 0.1 * g * g;
    p -= rate * std::sqrt(1 - std::pow(0.9, t)) / (1 - std::pow(0.8, t)) * kept[0] /
         (std::sqrt(kept[1]) + 0.1);
  });
}

TEST(Optimizer, AdamWDecaysApartFromTheGradient) {
  const OptimizerOptions options{
      .kind = "adamw", .weight_decay = 0.1, .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3};
  ExpectFollows(options, [](double rate, int t, double g, double* kept, double& p) {
    p *= 1 - rate * 0.1;
    Adam(rate, t, g, kept, p);
  });
}

TEST(Optimizer, RmsPropFollowsItsFormula) {
  const OptimizerOptions options{
      .kind = "rmsprop", .momentum = 0.7, .weight_decay = 0.1, .alpha = 0.9, .eps = 1e-3};
  ExpectFollows(options, [](double rate, int, double g, double* kept, double& p) {
    const double d = g + 0.1 * p;
    kept[0] = 0.9 * kept[0] + 0.1 * d * d;
    kept[1] = 0.7 * kept[1] + d / (std::sqrt(kept[0]) + 1e-3);
    p -= rate * kept[1];
  });
}

TEST(Optimizer, AdagradFollowsItsFormula) {
  const OptimizerOptions options{.kind = "adagrad", .weight_decay = 0.1, .eps = 1e-3, .lr_decay = 0.5};
  ExpectFollows(options, [](double rate, int t, double g, double* kept, double& p) {
    const double d = g + 0.1 * p;
    kept[0] += d * d;
    p -= rate / (1 + (t - 1) * 0.5) * d / (std::sqrt(kept[0]) + 1e-3);
  });
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
