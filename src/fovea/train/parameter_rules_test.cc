#include "fovea/train/parameter_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/network/architectures.h"
#include "fovea/train/parameter_group.h"

namespace fovea {
namespace {

constexpr int64_t kStepsPerEpoch = 10;

ParameterRule RuleOf(const TrainConfig& config, const std::string& parameter) {
  const Network net = BuildNetwork("glyphnet", {1, 28, 28}, 10);
  const auto rules = RulesFor(config, net, kStepsPerEpoch);
  for (std::size_t i = 0; i < rules.size(); i++) {
    if (net.parameters()[i].name == parameter) return rules[i];
  }
  ADD_FAILURE() << parameter;
  return {};
}

TEST(ParameterRules, WeightDecaySparesBiasesAndNormsUnlessAGroupNamesThem) {
  TrainConfig config;
  config.weight_decay = 0.25;
  EXPECT_EQ(RuleOf(config, "stage1.1.conv.weight").optimizer.weight_decay, 0.25);
  EXPECT_EQ(RuleOf(config, "stage1.1.bn.weight").optimizer.weight_decay, 0);
  EXPECT_EQ(RuleOf(config, "fc.bias").optimizer.weight_decay, 0);
  config.groups = {"*.bias weight_decay=0.5"};
  EXPECT_EQ(RuleOf(config, "fc.bias").optimizer.weight_decay, 0.5);
  EXPECT_EQ(RuleOf(config, "stage1.1.bn.weight").optimizer.weight_decay, 0);
}

TEST(ParameterRules, AGroupChangesWhatItNamesAndLaterGroupsWin) {
  TrainConfig config;
  config.optimizer = "muon", config.lr = 0.2, config.momentum = 0.6, config.epochs = 8;
  config.schedule = "polynomial", config.warmup = 0;
  config.groups = {"*.bn.* optimizer=sgd lr=3", "*.bn.bias momentum=0.85 epochs=3", "fc.* epochs=99"};
  const ParameterRule filter = RuleOf(config, "stage2.1.conv.weight");
  EXPECT_EQ(filter.optimizer.kind, "muon");
  EXPECT_EQ(filter.steps, 80);
  EXPECT_EQ(filter.RateAt(1), 0.2);
  EXPECT_NEAR(filter.RateAt(41), 0.1, 1e-15);  // linear: half after half of the steps
  const ParameterRule bias = RuleOf(config, "stage2.1.bn.bias"), scale = RuleOf(config, "stage2.1.bn.weight");
  EXPECT_EQ(bias.optimizer.kind, "sgd");
  EXPECT_EQ(bias.optimizer.momentum, 0.85);
  EXPECT_EQ(scale.optimizer.momentum, 0.6);
  EXPECT_EQ(scale.RateAt(1), 3);
  EXPECT_EQ(bias.steps, 30);
  EXPECT_NEAR(bias.RateAt(16), 1.5, 1e-15);  // its schedule over its own epochs
  EXPECT_TRUE(bias.LearnsAt(30));
  EXPECT_FALSE(bias.LearnsAt(31));
  EXPECT_EQ(RuleOf(config, "fc.weight").steps, 80);  // no longer than the run
}

TEST(ParameterRules, MistakesAreNamed) {
  TrainConfig config;
  config.groups = {"*.bn.wieght epochs=0"};
  EXPECT_THAT([&] { RuleOf(config, "fc.bias"); },
              testing::ThrowsMessage<ArgumentError>(testing::AllOf(
                  testing::HasSubstr("*.bn.wieght"), testing::HasSubstr("stage1.1.bn.weight"))));
  const auto parse = [](const char* text) { return [text] { ParseGroup(text); }; };
  EXPECT_THAT(parse("fc.* rl=3"),
              testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("did you mean \"lr\"")));
  EXPECT_THAT(parse("fc.* batch=3"), testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("batch")));
  EXPECT_THAT(parse("fc.* lr"), testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("name=value")));
  EXPECT_THAT(parse("fc.* lr=fast"), testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("a number")));
  EXPECT_THAT(parse("fc.* epochs=-1"),
              testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("at least 0")));
  EXPECT_THAT(parse("  "), testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("pattern")));
}

TEST(ParameterRules, AnUnsetRateSuitsTheOptimizer) {
  TrainConfig config;
  config.groups = {"fc.* optimizer=adam"};
  EXPECT_EQ(RuleOf(config, "stage1.1.conv.weight").schedule.rate, 0.1);
  EXPECT_EQ(RuleOf(config, "fc.weight").schedule.rate, 0.001);
}

}  // namespace
}  // namespace fovea
