#include "fovea/engine/verification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

Network Small() {
  Network net = BuildNetwork("resnet20", {3, 8, 8}, 4);
  net.Initialise(3);
  return net;
}

TEST(Verification, AModelGivesItsOwnAnswersBitForBit) {
  Network net = Small();
  const std::vector<Example> examples = MakeExamples(net);
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_FALSE(std::equal(examples[0].x.values().begin(), examples[0].x.values().end(),
                          examples[1].x.values().begin()));
  const Replay replay = ReplayExamples(net, examples);
  EXPECT_TRUE(replay.same_bits);
  EXPECT_EQ(replay.difference, 0);
}

TEST(Verification, OneWeightThatChangedShows) {
  Network net = Small();
  const std::vector<Example> examples = MakeExamples(net);
  net.MutableParameter(0)[0] *= 1.01f;
  const Replay replay = ReplayExamples(net, examples);
  EXPECT_FALSE(replay.same_bits);
  EXPECT_GT(replay.difference, 1e-6);
  EXPECT_LT(replay.difference, 0.1);
  net.MutableParameter(0)[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isinf(ReplayExamples(net, examples).difference));
}

TEST(Verification, ExamplesOfAnotherNetworkAreRefused) {
  Network net = Small(), other = BuildNetwork("resnet20", {3, 8, 8}, 5);
  EXPECT_THROW(ReplayExamples(other, MakeExamples(net)), ShapeError);
}

TEST(Verification, ExamplesThatHoldStayAndOthersAreMadeAnew) {
  Model model{Small(), {{0, 0, 0}, {1, 1, 1}}, {}};
  model.examples = {
      {Tensor<float>(model.network.InputShape(1), 1), Tensor<float>(model.network.OutputShape(1))}};
  RefreshExamples(model);  // zeros are not the answer
  ASSERT_EQ(model.examples.size(), 2u);
  EXPECT_TRUE(ReplayExamples(model.network, model.examples).same_bits);
  model.examples.pop_back();
  RefreshExamples(model);
  EXPECT_EQ(model.examples.size(), 1u);
  model.network.MutableParameter(0)[0] *= 2;
  RefreshExamples(model);
  EXPECT_EQ(model.examples.size(), 2u);
  EXPECT_TRUE(ReplayExamples(model.network, model.examples).same_bits);
  model.network = BuildNetwork("resnet20", {3, 8, 8}, 5);
  RefreshExamples(model);
  EXPECT_EQ(model.examples[0].y.shape(), Shape({1, 5}));
}

}  // namespace
}  // namespace fovea
