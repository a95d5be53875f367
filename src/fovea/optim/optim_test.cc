#include <gtest/gtest.h>

#include <vector>

#include "fovea/base/error.h"
#include "fovea/base/random.h"
#include "fovea/optim/schedule.h"
#include "fovea/optim/sgd.h"

namespace fovea {
namespace {

TEST(Sgd, GivesTheSameBitsWithAnyNumberOfThreads) {
  const std::size_t count = 50001;
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    RandomStream random({4}, 0);
    std::vector<float> g(count), v(count), p(count);
    for (std::size_t i = 0; i < count; i++) {
      g[i] = static_cast<float>(random.Normal()), p[i] = static_cast<float>(random.Normal());
    }
    for (int step = 0; step < 3; step++) {
      SgdStep(pool, {}, 0.1, static_cast<int64_t>(count), g.data(), v.data(), p.data());
    }
    results.push_back(p);
  }
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
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

TEST(Schedule, StepsFallAtTheirEpochs) {
  const Schedule step{.kind = ScheduleKind::kStep,
                      .rate = 1,
                      .warmup = 0,
                      .gamma = 0.5,
                      .step_every = 3,
                      .steps_per_epoch = 10};
  const double want[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25};
  for (int64_t epoch = 0; epoch < 7; epoch++) EXPECT_EQ(RateAt(step, epoch * 10 + 9, 100), want[epoch]);
  const Schedule multi{.kind = ScheduleKind::kMultiStep,
                       .rate = 1,
                       .warmup = 0,
                       .gamma = 0.5,
                       .milestones = {2, 5},
                       .steps_per_epoch = 10};
  EXPECT_EQ(RateAt(multi, 19, 100), 1);
  EXPECT_EQ(RateAt(multi, 20, 100), 0.5);
  EXPECT_EQ(RateAt(multi, 50, 100), 0.25);
  const Schedule polynomial{.kind = ScheduleKind::kPolynomial, .rate = 2, .warmup = 0, .power = 2};
  EXPECT_NEAR(RateAt(polynomial, 50, 100), 0.5, 1e-12);
  EXPECT_EQ(RateAt(polynomial, 100, 100), 0);
}

TEST(Schedule, EveryKindRisesLinearlyThenNeverAgain) {
  for (const std::string& name : ScheduleNames()) {
    const auto kind = ParseSchedule(name);
    const Schedule schedule{.kind = kind, .rate = 0.5, .warmup = 0.2, .steps_per_epoch = 10};
    const double slope = RateAt(schedule, 1, 500) - RateAt(schedule, 0, 500);
    EXPECT_GT(slope, 0);
    for (int64_t step = 1; step <= 100; step++) {
      // Differences of values below 1: a few units in the last place of 1.
      EXPECT_NEAR(RateAt(schedule, step, 500) - RateAt(schedule, step - 1, 500), slope, 1e-15);
    }
    EXPECT_EQ(RateAt(schedule, 100, 500), 0.5);
    for (int64_t step = 101; step <= 500; step++) {
      EXPECT_LE(RateAt(schedule, step, 500), RateAt(schedule, step - 1, 500));
      EXPECT_GE(RateAt(schedule, step, 500), 0);
    }
  }
}

}  // namespace
}  // namespace fovea
