#include <gtest/gtest.h>

#include <vector>

#include "fovea/base/error.h"
#include "fovea/base/random.h"
#include "fovea/optim/schedule.h"
#include "fovea/optim/sgd.h"

namespace fovea {
namespace {

TEST(Sgd, FollowsItsFormula) {
  ThreadPool pool(2);
  for (const bool nesterov : {false, true}) {
    const SgdOptions options{.momentum = 0.9, .nesterov = nesterov, .weight_decay = 0.01};
    const int64_t count = 20001;
    RandomStream random({3}, 0);
    std::vector<float> g(count), v(count), p(count);
    std::vector<double> dv(count), dp(count);
    for (std::size_t i = 0; i < g.size(); i++) {
      g[i] = static_cast<float>(random.Normal()), dp[i] = p[i] = static_cast<float>(random.Normal());
    }
    for (int step = 0; step < 5; step++) {
      const double rate = 0.1 / (step + 1);
      SgdStep(pool, options, rate, true, count, g.data(), v.data(), p.data());
      for (std::size_t i = 0; i < g.size(); i++) {
        const double d = g[i] + 0.01 * dp[i];
        dv[i] = 0.9 * dv[i] + d;
        dp[i] -= rate * (nesterov ? d + 0.9 * dv[i] : dv[i]);
      }
    }
    for (std::size_t i = 0; i < g.size(); i++)
      ASSERT_NEAR(p[i], dp[i], 1e-5);  // five float steps of values near 1
  }
}

TEST(Sgd, DecaysOnlyWhenAsked) {
  ThreadPool pool(1);
  std::vector<float> g(3), v(3), p(3, 1.0f);
  SgdStep(pool, {.weight_decay = 0.5}, 1, false, 3, g.data(), v.data(), p.data());
  EXPECT_EQ(p[0], 1);
}

TEST(Schedule, HasItsLandmarks) {
  const Schedule cosine{ScheduleKind::kCosine, 0.4, 0.1};
  EXPECT_NEAR(RateAt(cosine, 0, 1000), 0.4 / 101, 1e-12);
  EXPECT_NEAR(RateAt(cosine, 100, 1000), 0.4, 1e-12);
  EXPECT_NEAR(RateAt(cosine, 550, 1000), 0.2, 1e-12);
  EXPECT_LT(RateAt(cosine, 999, 1000), 1e-5);
  const Schedule cycle{ScheduleKind::kOneCycle, 1, 0.25};
  EXPECT_LT(RateAt(cycle, 0, 1000), 0.05);
  EXPECT_NEAR(RateAt(cycle, 250, 1000), 1, 1e-12);
  EXPECT_NEAR(RateAt(cycle, 1000, 1000), 1e-4, 1e-12);
  EXPECT_EQ(RateAt({ScheduleKind::kConstant, 0.3, 0}, 77, 100), 0.3);
  EXPECT_THROW(ParseSchedule("cosin"), ArgumentError);
}

}  // namespace
}  // namespace fovea
