#include "fovea/train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/model_file.h"
#include "fovea/train/start_network.h"

namespace fovea {
namespace {

// Two tiny CIFAR-10 files of noise with a class-coloured corner: something to learn in a few steps.
std::string TinyData() {
  const std::string folder = testing::TempDir() + "fovea_tiny_cifar";
  CreateFolders(folder);
  RandomStream random({1}, 0);
  for (const char* file :
       {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"}) {
    std::string bytes;
    for (int i = 0; i < 32; i++) {
      const auto label = static_cast<char>(random.Below(10));
      bytes += label;
      for (int p = 0; p < 3072; p++)
        bytes += static_cast<char>(p % 1024 < 200 ? 25 * label : static_cast<int>(random.Below(256)));
    }
    WriteFileAtomic(folder + "/" + file + ".bin", bytes);
  }
  return "cifar10:" + folder;
}

TrainConfig TinyConfig(const std::string& name) {
  TrainConfig config;
  config.data = TinyData();
  config.out = testing::TempDir() + "fovea_run_" + name;
  std::filesystem::remove_all(config.out);
  config.epochs = 3, config.batch = 16, config.lr = 0.05, config.crop = 2, config.flip = "random",
  config.threads = 2;
  return config;
}

std::string Bytes(const std::string& path) { return ReadFile(path, 1 << 30); }

class StopAt : public TrainObserver {
 public:
  explicit StopAt(int64_t step) : step_(step) {}
  void OnStep(const StepEvent& event) override {
    if (event.step == step_) stop = 15;
  }
  std::atomic<int> stop{0};

 private:
  const int64_t step_;
};

TrainOutcome TrainWhole(const TrainConfig& config) {
  StopAt never(-1);
  return Train(config, false, never, never.stop);
}

TEST(Trainer, EqualRunsGiveEqualBytesAndDependOnNoThreadCount) {
  const TrainConfig a = TinyConfig("a");
  TrainConfig b = TinyConfig("b");
  b.threads = 3;
  const TrainOutcome outcome = TrainWhole(a);
  TrainWhole(b);
  EXPECT_EQ(outcome.test.total, 32);
  EXPECT_EQ(outcome.weights, "best");
  EXPECT_TRUE(Bytes(a.out + "/last.safetensors") == Bytes(b.out + "/last.safetensors"));
  EXPECT_TRUE(Bytes(a.out + "/best.safetensors") == Bytes(b.out + "/best.safetensors"));
}

TEST(Trainer, AResumedRunGivesTheBytesOfAnUninterruptedOne) {
  const TrainConfig whole = TinyConfig("whole");
  TrainWhole(whole);
  for (const int64_t step : {1, 6, 7, 8, 20}) {  // 7 steps an epoch
    const TrainConfig config = TinyConfig("cut");
    StopAt cut(step);
    const TrainOutcome stopped = Train(config, false, cut, cut.stop);
    EXPECT_TRUE(stopped.stopped);
    EXPECT_EQ(stopped.step, step);
    StopAt never(-1);
    const TrainOutcome outcome = Train(config, true, never, never.stop);
    EXPECT_FALSE(outcome.stopped);
    EXPECT_TRUE(Bytes(whole.out + "/last.safetensors") == Bytes(config.out + "/last.safetensors")) << step;
    EXPECT_TRUE(Bytes(whole.out + "/best.safetensors") == Bytes(config.out + "/best.safetensors")) << step;
    const std::string metrics = Bytes(config.out + "/metrics.csv");
    EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 4) << metrics;  // header and three epochs
  }
}

// Every option that keeps something between steps.
std::vector<TrainConfig> Variants() {
  std::vector<TrainConfig> variants(6, TinyConfig("variant"));
  for (TrainConfig& v : variants) v.epochs = 2, v.lr = 0;
  variants[0].optimizer = "adam", variants[0].clip_norm = 0.5;
  variants[1].optimizer = "adamw", variants[1].ema = 0.9, variants[1].schedule = "cosine";
  variants[2].optimizer = "rmsprop", variants[2].network = "resnet20", variants[2].ema = 0.5;
  variants[3].mixup = 0.2, variants[3].cutmix = 1, variants[3].cutout = 8, variants[3].jitter = 0.2;
  variants[4].batch = 128, variants[4].accumulate = 4, variants[4].network = "lenet5";
  variants[5].optimizer = "muon", variants[5].network = "airbench94", variants[5].renormalise = true;
  variants[5].flip = "alternate", variants[5].crop_padding = "reflect", variants[5].tta = "mirror+shift";
  variants[5].groups = {"whiten.* epochs=0", "*.bn.weight epochs=0", "*.bn.bias optimizer=adam epochs=1"};
  return variants;
}

TEST(Trainer, EveryVariantResumesToTheSameBytesOnAnyNumberOfThreads) {
  for (const TrainConfig& variant : Variants()) {
    SCOPED_TRACE(ConfigToToml(variant));
    TrainConfig whole = variant, cut = variant;
    whole.out += "_whole", cut.out += "_cut";
    whole.threads = 1, cut.threads = 3;
    std::filesystem::remove_all(whole.out);
    std::filesystem::remove_all(cut.out);
    TrainWhole(whole);
    StopAt stop(2), never(-1);
    EXPECT_TRUE(Train(cut, false, stop, stop.stop).stopped);
    Train(cut, true, never, never.stop);
    EXPECT_TRUE(Bytes(whole.out + "/last.safetensors") == Bytes(cut.out + "/last.safetensors"));
    EXPECT_TRUE(Bytes(whole.out + "/best.safetensors") == Bytes(cut.out + "/best.safetensors"));
  }
}

// Without batch norm the pieces of a batch give the gradient of the whole, bit for bit.
TEST(Trainer, AccumulationGivesTheBitsOfTheLargeBatch) {
  std::vector<std::string> weights;
  for (const int64_t pieces : {1, 2, 4}) {
    TrainConfig config = TinyConfig("pieces");
    config.network = "lenet5", config.batch = 128, config.accumulate = pieces, config.val = 0;
    TrainWhole(config);
    weights.push_back(Bytes(config.out + "/best.safetensors"));
    EXPECT_TRUE(weights.back() == weights.front()) << pieces;
  }
  TrainConfig odd = TinyConfig("odd");
  odd.batch = 60, odd.accumulate = 4;
  EXPECT_THAT([&] { TrainWhole(odd); },
              testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("a piece must hold")));
}

std::vector<float> ParameterOf(const std::string& path, const std::string& name) {
  const TensorFile file = ReadTensorFile(path);
  const auto& values = file.tensors.at(name).values();
  return {values.begin(), values.end()};
}

TEST(Trainer, FrozenParametersKeepTheirValuesAndOthersLearnForTheirEpochs) {
  TrainConfig config = TinyConfig("frozen"), early = TinyConfig("frozen_early");
  for (TrainConfig* c : {&config, &early}) {
    c->network = "lenet5", c->val = 0, c->ema = 0;
    c->groups = {"conv1.* epochs=0", "fc3.bias epochs=1"};
  }
  early.max_steps = 10;  // an epoch
  TrainWhole(config);
  TrainWhole(early);
  const std::string end = config.out + "/last.safetensors", first = early.out + "/last.safetensors";
  const Network start = StartNetwork("lenet5", {3, 32, 32}, 10, 1);
  for (const int i : {0, 1}) {
    const NamedTensor& p = start.parameters()[static_cast<std::size_t>(i)];
    EXPECT_THAT(p.value.values(), testing::ElementsAreArray(ParameterOf(end, p.name)));
  }
  EXPECT_EQ(ParameterOf(first, "fc3.bias"), ParameterOf(end, "fc3.bias"));
  EXPECT_NE(ParameterOf(first, "fc3.bias"), std::vector<float>(10));
  EXPECT_NE(ParameterOf(first, "fc3.weight"), ParameterOf(end, "fc3.weight"));
  EXPECT_EQ(ReadTensorFile(end).tensors.count("optimizer/velocity/conv1.weight"), 0);
}

TEST(Trainer, RefusesToGoOnWhenTheBitsWouldDiffer) {
  TrainConfig config = TinyConfig("shards");
  config.max_steps = 2;
  TrainWhole(config);
  const std::string path = config.out + "/last.safetensors";
  TensorFile file = ReadTensorFile(path);
  file.metadata["fovea.conventions"] = R"({"micro_shard":16})";
  WriteTensorFile(path, file);
  EXPECT_THAT(
      [&] {
        StopAt never(-1);
        Train(config, true, never, never.stop);
      },
      testing::ThrowsMessage<FormatError>(
          testing::HasSubstr("shards of 16 images and this version in shards of 32")));
}

TEST(Trainer, MaxStepsStopsEarlyAndTestsOnce) {
  TrainConfig config = TinyConfig("early");
  config.max_steps = 4;
  const TrainOutcome outcome = TrainWhole(config);
  EXPECT_EQ(outcome.step, 4);
  EXPECT_EQ(outcome.weights, "last");
  EXPECT_EQ(outcome.test.total, 32);
  EXPECT_THAT(Bytes(config.out + "/result.json"), testing::HasSubstr("\"test_total\": 32"));
}

TEST(Trainer, StopsAtTheFirstValueThatIsNotFinite) {
  TrainConfig config = TinyConfig("diverged");
  config.lr = 1000, config.momentum = 1, config.weight_decay = 10, config.schedule = "constant",
  config.warmup = 0;
  config.epochs = 200;
  EXPECT_THAT([&] { TrainWhole(config); },
              testing::ThrowsMessage<DivergedError>(
                  testing::AllOf(testing::HasSubstr("not finite"), testing::HasSubstr("--lr"))));
  EXPECT_THAT(Bytes(config.out + "/metrics.csv"), testing::HasSubstr(",nan,"));
}

TEST(Trainer, RefusesAFolderThatHoldsARun) {
  const TrainConfig config = TinyConfig("twice");
  TrainWhole(config);
  const std::string before = Bytes(config.out + "/last.safetensors");
  EXPECT_THAT([&] { TrainWhole(config); },
              testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("--resume")));
  EXPECT_TRUE(before == Bytes(config.out + "/last.safetensors"));
}

}  // namespace
}  // namespace fovea
