#include "fovea/train/start_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/data/whiten.h"

namespace fovea {
namespace {

TrainConfig Glyphs(const std::string& network) {
  TrainConfig config;
  config.data = "glyphs", config.network = network, config.threads = 2;
  return config;
}

Model Start(const TrainConfig& config) {
  const auto data = OpenDataset(config.data);
  return StartModel(config, *data, {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {}});
}

TEST(StartModel, WhitensTheFirstLayerByTheTrainingImages) {
  const TrainConfig config = Glyphs("airbench94");
  const Model model = Start(config);
  const NamedTensor& first = model.network.parameters()[0];
  ASSERT_EQ(first.name, "whiten.weight");
  const Tensor<float> want = WhiteningFilters(*OpenDataset("glyphs"), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                                              model.preprocessing, first.value.shape());
  EXPECT_THAT(first.value.values(), testing::ElementsAreArray(want.values()));
}

TEST(StartModel, OnlyTheFirstLayerCanWhiten) {
  const std::string path = testing::TempDir() + "late_whiten.json";
  WriteFileAtomic(path, R"({"input": [1, 28, 28], "nodes": [
    {"name": "relu", "type": "relu", "inputs": [0], "hyper": {}},
    {"name": "conv", "type": "conv2d", "inputs": [1], "hyper": {"filters": 4, "init": "whiten"}},
    {"name": "flatten", "type": "flatten", "inputs": [2], "hyper": {}},
    {"name": "fc", "type": "linear", "inputs": [3], "hyper": {"features": 10}}]})");
  EXPECT_THAT([&] { Start(Glyphs(path)); },
              testing::ThrowsMessage<ArgumentError>(
                  testing::AllOf(testing::HasSubstr("conv"), testing::HasSubstr("network's input"))));
}

// The loss and predictions take the softmax of what the network gives.
TEST(StartModel, ASoftmaxAtTheEndIsLeftOut) {
  const std::string path = testing::TempDir() + "shares.json";
  const auto graph = [](const std::string& end) {
    return R"({"input": [1, 28, 28], "nodes": [
      {"name": "flatten", "type": "flatten", "inputs": [0], "hyper": {}},
      {"name": "fc", "type": "linear", "inputs": [1], "hyper": {"features": 10}})" +
           end + "]}";
  };
  WriteFileAtomic(path, graph(R"(, {"name": "shares", "type": "softmax", "inputs": [2], "hyper": {}})"));
  const Network shares = Start(Glyphs(path)).network;
  WriteFileAtomic(path, graph(""));
  const Network scores = Start(Glyphs(path)).network;
  EXPECT_TRUE(SameGraph(shares, scores));
  EXPECT_THAT(shares.parameters()[0].value.values(),
              testing::ElementsAreArray(scores.parameters()[0].value.values()));
}

}  // namespace
}  // namespace fovea
