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

}  // namespace
}  // namespace fovea
