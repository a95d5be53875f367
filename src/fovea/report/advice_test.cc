#include "fovea/report/advice.h"

#include <gmock/gmock.h>

#include <cmath>

#include "fovea/report/run_facts.h"

namespace fovea {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Epoch {
  double train_loss, train_acc, val_loss, val_acc;
};

RunRecord RunOf(const std::vector<Epoch>& epochs, const std::string& planned = "") {
  RunRecord run;
  for (const Epoch& e : epochs) {
    MetricsRow& row = run.metrics.emplace_back();
    row.epoch = static_cast<double>(run.metrics.size());
    row.train_loss = e.train_loss;
    row.train_acc = e.train_acc;
    row.val_loss = e.val_loss;
    row.val_acc = e.val_acc;
    row.lr = 0.1;
  }
  if (!planned.empty()) run.config.emplace_back("epochs", planned);
  return run;
}

TEST(Advice, HasNothingToConcludeFromNothing) {
  EXPECT_THAT(Advice(RunRecord()), ElementsAre(HasSubstr("nothing to conclude")));
}

TEST(Advice, NamesTheEpochOfDivergenceAndASmallerRate) {
  const auto advice = Advice(RunOf({{2, 0.3, 2, 0.3}, {NAN, 0.1, NAN, 0.1}}));
  EXPECT_THAT(advice, ElementsAre(testing::AllOf(HasSubstr("epoch 2"), HasSubstr("--lr 0.03 (it was 0.1)"))));
}

TEST(Advice, CountsFromTheRateThatWasAskedFor) {
  RunRecord run = RunOf({{2, 0.3, 2, 0.3}, {NAN, 0.1, NAN, 0.1}});
  run.config.emplace_back("lr", "0.2");
  EXPECT_THAT(Advice(run), ElementsAre(HasSubstr("--lr 0.06 (it was 0.2)")));
}

TEST(Advice, AsksToResumeAStoppedRun) {
  EXPECT_THAT(Advice(RunOf({{1, 0.95, 1, 0.95}}, "5")), Contains(HasSubstr("stopped after 1 of 5 epochs")));
  EXPECT_THAT(Advice(RunOf({{1, 0.95, 1, 0.95}}, "1")), Not(Contains(HasSubstr("stopped after"))));
}

TEST(Advice, DoesNotJudgeAShortRun) {
  EXPECT_THAT(Advice(RunOf({{1, 0.5, 1, 0.5}}, "1")), ElementsAre(HasSubstr("One epoch is too short")));
}

TEST(Advice, SeesTheGapBetweenTrainingAndValidation) {
  const auto advice =
      Advice(RunOf({{1, 0.7, 1, 0.7}, {0.1, 0.99, 0.8, 0.8}, {0.01, 1, 0.9, 0.8}, {0.01, 1, 1, 0.8}}));
  EXPECT_THAT(advice, Contains(HasSubstr("a gap of 20.0 points")));
  EXPECT_THAT(advice, Contains(HasSubstr("lowest in epoch 2 (0.8) and rose to 1")));
}

TEST(Advice, SeesThatARunWasStillImproving) {
  EXPECT_THAT(Advice(RunOf({{1, 0.7, 1, 0.7}, {1, 0.8, 1, 0.8}, {1, 0.9, 1, 0.9}}, "3")),
              Contains(testing::AllOf(HasSubstr("still rising"), HasSubstr("--epochs 6"))));
}

TEST(Advice, SeesANetworkThatIsTooSmall) {
  EXPECT_THAT(Advice(RunOf({{1, 0.6, 1, 0.6}, {1, 0.6, 1, 0.6}, {1, 0.6, 1, 0.6}})),
              ElementsAre(HasSubstr("larger network")));
}

TEST(Advice, IsContentWhereNothingIsWrong) {
  EXPECT_THAT(Advice(RunOf({{1, 0.99, 1, 0.99}, {1, 0.99, 1, 0.99}, {1, 0.99, 1, 0.99}})),
              ElementsAre(HasSubstr("Nothing in these numbers")));
}

TEST(Advice, SeesGuessing) {
  RunRecord run = RunOf({{2.3, 0.11, 2.3, 0.1}});
  run.evaluation.emplace();
  run.evaluation->classes.resize(10);
  EXPECT_THAT(Advice(run), ElementsAre(HasSubstr("hardly better than guessing among 10 classes")));
}

TEST(Advice, ComparesTestWithValidationByChance) {
  RunRecord run = RunOf({{0.1, 0.95, 0.1, 0.95}});
  run.result = {{"test_correct", "900"}, {"test_total", "1000"}};
  EXPECT_THAT(Advice(run), Contains(HasSubstr("more than chance")));
  run.result = {{"test_correct", "9"}, {"test_total", "10"}};
  EXPECT_THAT(Advice(run), Not(Contains(HasSubstr("more than chance"))));
}

TEST(Advice, NamesTheWeakestClass) {
  RunRecord run = RunOf({{0.1, 0.95, 0.1, 0.95}});
  run.evaluation.emplace();
  run.evaluation->classes = {"cat", "dog", "ship"};
  run.evaluation->confusion = {{60, 40, 0}, {2, 98, 0}, {0, 0, 100}};
  EXPECT_THAT(Advice(run), Contains(HasSubstr("‘cat’ is the weakest class: 60.0")));
}

TEST(BestEpoch, PassesOverWhatIsNotFinite) {
  EXPECT_EQ(BestEpoch(RunOf({{1, 0.5, 1, NAN}, {1, 0.5, 1, 0.4}, {1, 0.5, 1, 0.4}})), 1u);
  EXPECT_FALSE(BestEpoch(RunOf({{1, 0.5, 1, NAN}})).has_value());
}

}  // namespace
}  // namespace fovea
