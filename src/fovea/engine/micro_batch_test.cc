#include "fovea/engine/micro_batch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fovea/layers/conv2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

int64_t ImagesAtATime(const std::string& name, int64_t extent, int64_t max_batch,
                      Mode mode = Mode::kInference) {
  const Network net = BuildNetwork(name, {3, extent, extent}, 10);
  return MicroBatch(net, {.mode = mode, .max_batch = max_batch, .threads = 1});
}

TEST(MicroBatch, LargeMapsOfSmallNetworksRunAFewImagesAtATime) {
  EXPECT_EQ(ImagesAtATime("mobilenet_v2", 224, 16), 4);
  EXPECT_EQ(ImagesAtATime("mobilenet_v2", 224, 1), 1);
  EXPECT_EQ(ImagesAtATime("mobilenet_v2", 224, 5), 3);  // 3 and 2
}

TEST(MicroBatch, ManyWeightsAreReadOnceForTheBatch) {
  EXPECT_EQ(ImagesAtATime("resnet18", 32, 128), 128);
  EXPECT_EQ(ImagesAtATime("vgg16", 224, 16), 16);
}

TEST(MicroBatch, TrainingTakesTheWholeBatch) {
  EXPECT_EQ(ImagesAtATime("mobilenet_v2", 224, 16, Mode::kTraining), 16);
}

TEST(MicroBatch, EveryImageOfABatchGetsItsOwnOutput) {
  Network net({3, 256, 256});  // 24 MB hold two of its images
  net.Add("conv1", Conv2d({.filters = 32, .padding = PadAll(1)}));
  net.Add("relu", Relu());
  net.Add("conv2", Conv2d({.filters = 2, .kernel = {1, 1}}));
  net.Initialise(3);
  ASSERT_EQ(MicroBatch(net, {.max_batch = 5}), 2);
  Tensor<float> x(net.InputShape(5));
  for (int64_t i = 0; i < x.size(); i++) x[i] = static_cast<float>(i % 1009) / 1009;
  Program five(net, {.max_batch = 5, .threads = 2}), two(net, {.max_batch = 2, .threads = 2});
  EXPECT_LT(five.ArenaBytes(), 2 * two.ArenaBytes());
  const auto all = five.Forward(x);
  const int64_t image = x.size() / 5, output = all.size() / 5;
  for (int64_t i = 0; i < 5; i++) {
    const auto alone = two.Forward({x.data() + i * image, net.InputShape(1)});
    EXPECT_TRUE(std::equal(alone.data(), alone.data() + output, all.data() + i * output)) << i;
  }
  const auto three = five.Forward({x.data() + 2 * image, net.InputShape(3)});
  EXPECT_EQ(three.shape(), net.OutputShape(3));
  EXPECT_EQ(three[2 * output], two.Forward({x.data() + 4 * image, net.InputShape(1)})[0]);
}

}  // namespace
}  // namespace fovea
