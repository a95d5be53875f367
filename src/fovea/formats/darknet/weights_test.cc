#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/base/random.h"
#include "fovea/engine/loss_run.h"
#include "fovea/engine/program.h"
#include "fovea/formats/damage.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/formats/registry.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/softmax_cross_entropy.h"
#include "fovea/optim/sgd.h"

namespace fovea {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kCfg =
    "[net]\nheight=4\nwidth=4\nchannels=2\n"
    "[convolutional]\nbatch_normalize=1\nfilters=2\nsize=1\nactivation=leaky\n"
    "[convolutional]\nfilters=1\nsize=1\nactivation=linear\n"
    "[connected]\noutput=3\nactivation=linear\n";
constexpr int kValues = 4 * 2 + 4 + 1 + 2 + 3 + 48;

Network Make(DarknetEpsilon epsilon = DarknetEpsilon::kInsideRoot) {
  return ParseDarknetCfg("test.cfg", kCfg, epsilon).network;
}

// 1, 2, 3, ... behind a header.
std::string File(int32_t major, int32_t minor, std::size_t header, int values = kValues) {
  const int32_t version[3] = {major, minor, 0};
  std::string bytes(header, '\x7f');
  std::memcpy(bytes.data(), version, sizeof version);
  for (int i = 1; i <= values; i++) {
    const auto value = static_cast<float>(i);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return bytes;
}

const NamedTensor& Named(const Network& net, const std::string& name) {
  for (const auto& tensors : {net.parameters(), net.states()})
    for (const NamedTensor& t : tensors)
      if (t.name == name) return t;
  throw ArgumentError(name);
}

std::vector<float> Values(const Network& net, const std::string& name) {
  const auto values = Named(net, name).value.values();
  return {values.begin(), values.end()};
}

void ExpectEqual(const Network& a, const Network& b) {
  for (const auto& tensors : {a.parameters(), a.states()})
    for (const NamedTensor& t : tensors) EXPECT_EQ(Values(a, t.name), Values(b, t.name)) << t.name;
}

// Darknet's order: biases, scales, means, variances, weights of a normed convolution; biases, weights of others.
TEST(DarknetWeights, StandInDarknetsOrder) {
  for (const auto& file : {File(0, 1, 16), File(0, 2, 20), File(0, 0, 16), File(1, 0, 20)}) {
    Network net = Make();
    ParseDarknetWeights("test.weights", file, net);
    EXPECT_EQ(Values(net, "layer0.norm.bias"), (std::vector<float>{1, 2}));
    EXPECT_EQ(Values(net, "layer0.norm.weight"), (std::vector<float>{3, 4}));
    EXPECT_EQ(Values(net, "layer0.norm.running_mean"), (std::vector<float>{5, 6}));
    EXPECT_EQ(Values(net, "layer0.norm.running_var"), (std::vector<float>{7, 8}));
    EXPECT_EQ(Values(net, "layer0.conv.weight"), (std::vector<float>{9, 10, 11, 12}));
    EXPECT_EQ(Values(net, "layer1.conv.bias"), (std::vector<float>{13}));
    EXPECT_EQ(Values(net, "layer1.conv.weight"), (std::vector<float>{14, 15}));
    EXPECT_EQ(Values(net, "layer2.connected.bias"), (std::vector<float>{16, 17, 18}));
    EXPECT_EQ(Values(net, "layer2.connected.weight")[1], 20);
  }
}

TEST(DarknetWeights, OldFilesHaveAffineWeightsTransposed) {
  Network net = Make();
  ParseDarknetWeights("test.weights", File(1001, 0, 16), net);
  EXPECT_EQ(Named(net, "layer2.connected.weight").value(0, 1), 19 + 3);
  EXPECT_EQ(Named(net, "layer2.connected.weight").value(2, 0), 19 + 2);
}

TEST(DarknetWeights, ANormOfAnAffineLayerFollowsItsWeights) {
  Network net = ParseDarknetCfg("test.cfg",
                                "[net]\nheight=1\nwidth=1\nchannels=2\n"
                                "[connected]\noutput=1\nbatch_normalize=1\nactivation=linear\n")
                    .network;
  ParseDarknetWeights("test.weights", File(0, 2, 20, 6), net);
  EXPECT_EQ(Values(net, "layer0.norm.bias"), (std::vector<float>{1}));
  EXPECT_EQ(Values(net, "layer0.connected.weight"), (std::vector<float>{2, 3}));
  EXPECT_EQ(Values(net, "layer0.norm.weight"), (std::vector<float>{4}));
  EXPECT_EQ(Values(net, "layer0.norm.running_var"), (std::vector<float>{6}));
}

TEST(DarknetWeights, WrittenAndReadTheyAreEqual) {
  Network net = Make(), other = Make();
  net.Initialise(7);
  for (float& v : net.MutableState(1).values()) v = 0.37f;
  ParseDarknetWeights("test.weights", SerialiseDarknetWeights(net), other);
  ExpectEqual(net, other);
}

TEST(DarknetWeights, TrainedTenStepsWrittenAndReadTheNetworkIsTheSame) {
  Network net = Make(), other = Make();
  net.Initialise(3);
  Tensor<float> x({8, 2, 4, 4}), gradient({8, 3});
  std::vector<int32_t> labels(8);
  std::vector<Tensor<float>> velocities;
  for (const NamedTensor& p : net.parameters()) velocities.emplace_back(p.value.shape());
  Program training(net, {.mode = Mode::kTraining, .max_batch = 8, .threads = 1});
  for (uint64_t step = 0; step < 10; step++) {
    RandomStream random({.seed = 4}, step);
    for (float& v : x.values()) v = static_cast<float>(random.Normal());
    for (int32_t& label : labels) label = static_cast<int32_t>(random.Below(3));
    RunLoss(training.pool(), SoftmaxCrossEntropy(), training.Forward(x), labels, gradient);
    training.ZeroGradients();
    training.Backward(gradient);
    for (int i = 0; i < static_cast<int>(velocities.size()); i++) {
      const auto g = training.gradient(i);
      SgdStep(training.pool(), {}, 0.05, g.size(), g.data(), velocities[static_cast<std::size_t>(i)].data(),
              net.MutableParameter(i).data());
    }
  }
  const std::string path = testing::TempDir() + "/fovea_ten_steps.weights";
  WriteDarknetWeights(path, net);
  ReadDarknetWeights(path, other);
  std::remove(path.c_str());
  EXPECT_NE(Values(net, "layer0.norm.running_mean"), std::vector<float>(2));  // training has moved it
  ExpectEqual(net, other);
  Program ours(net, {.max_batch = 8, .threads = 1}), theirs(other, {.max_batch = 8, .threads = 1});
  const auto a = ours.Forward(x), b = theirs.Forward(x);
  EXPECT_TRUE(std::equal(a.values().begin(), a.values().end(), b.values().begin()));
}

// 1/(sqrt(var) + 1e-6) of darknet's CPU code, by our norm with its epsilon inside the root; float keeps 24 bits of the
// variance, so half a unit of it is an error of 3e-8 in the root.
TEST(DarknetWeights, AnEpsilonOutsideTheRootIsKeptExactly) {
  Network net = Make(DarknetEpsilon::kOutsideRoot);
  ParseDarknetWeights("test.weights", File(0, 2, 20), net);
  for (const float variance : {1e-10f, 1e-6f, 0.01f, 3.0f, 1e6f}) {
    std::string file = File(0, 2, 20);
    std::memcpy(file.data() + 20 + 6 * sizeof(float), &variance, sizeof variance);
    ParseDarknetWeights("test.weights", file, net);
    const double ours =
        std::sqrt(static_cast<double>(Values(net, "layer0.norm.running_var")[0]) + kEpsilonOutsideRoot);
    const double theirs = std::sqrt(static_cast<double>(variance)) + 1e-6;
    EXPECT_NEAR(ours / theirs, 1, 1e-7) << variance;
    float back = 0;
    std::memcpy(&back, SerialiseDarknetWeights(net).data() + 20 + 6 * sizeof(float), sizeof back);
    EXPECT_NEAR(back / variance, 1, 3e-7) << variance;
  }
}

std::string ErrorOf(const std::string& bytes) {
  Network net = Make();
  try {
    ParseDarknetWeights("test.weights", bytes, net);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no error";
}

TEST(DarknetWeights, EveryOtherLengthIsRefused) {
  const std::string good = File(0, 2, 20);
  EXPECT_EQ(ErrorOf(good), "no error");
  for (std::size_t size = 0; size < good.size(); size++)
    EXPECT_THAT(ErrorOf(good.substr(0, size)), HasSubstr("test.weights: ")) << size;
  EXPECT_THAT(ErrorOf(good + "x"), HasSubstr("the network ends at offset 284, the file at 285"));
  EXPECT_THAT(ErrorOf(good.substr(0, 60)),
              HasSubstr("layer0.conv.weight of 4 values at offset 52 needs 16 bytes, 8 are left"));
  EXPECT_THAT(ErrorOf(std::string(400, '\xff')), HasSubstr("not darknet's weights"));
}

TEST(DarknetWeights, RefusesOrReadsWhateverIsDamaged) {
  Network net = Make();
  for (const std::string& good : {File(0, 2, 20), File(1001, 0, 16)}) {
    const Damaged damaged = ReadDamaged(good, "test.weights: ", [&](const std::string& bytes) {
      ParseDarknetWeights("test.weights", bytes, net);
    });
    EXPECT_EQ(damaged.unnamed, "");
    EXPECT_GT(damaged.refused, static_cast<int>(good.size()));  // every cut and more
  }
}

TEST(DarknetWeights, RefusesOrReadsExtremesOfTheHeader) {
  Network net = Make();
  int read = 0, refused = 0;
  const int32_t extremes[] = {INT32_MIN, -1, 0, 1, 2, 9, 999, 1000, 1001, 2000, 2001, INT32_MAX};
  for (const int32_t major : extremes) {
    for (const int32_t minor : extremes) {
      for (const std::size_t header : {16U, 20U}) {
        const std::string message =
            MessageOf([&] { ParseDarknetWeights("test.weights", File(major, minor, header), net); });
        (message.empty() ? read : refused)++;
        if (!message.empty()) {
          EXPECT_THAT(message, AllOf(testing::StartsWith("test.weights: "), HasSubstr("offset")));
        }
      }
    }
  }
  EXPECT_EQ(read, 64);  // one length of header for each of 8x8 versions
  EXPECT_EQ(refused, 224);
}

TEST(DarknetWeights, AModelIsItsWeightsAndTheCfgBeside) {
  const std::string stem = testing::TempDir() + "/fovea_darknet_model";
  WriteFileAtomic(stem + ".cfg", kCfg);
  Model made{Make(), {{0, 0}, {1, 1}}, {}};
  made.network.Initialise(5);
  SaveAnyModel(stem + ".weights", made);
  const Model read = LoadAnyModel(stem + ".weights");
  ExpectEqual(made.network, read.network);
  EXPECT_TRUE(SameGraph(made.network, read.network));
  EXPECT_THAT(DescribeFile(stem + ".weights"), HasSubstr("parameters  "));
  const std::string weights = "weights     version 0.2.0, a header of 20 bytes, " +
                              std::to_string(std::filesystem::file_size(stem + ".weights") / 4 - 5) +
                              " numbers\n";
  EXPECT_EQ(DescribeFile(stem + ".weights"), DescribeFile(stem + ".cfg") + weights);
  EXPECT_THAT(MessageOf([&] { LoadAnyModel(stem + ".cfg"); }), HasSubstr("a cfg has no weights"));
  EXPECT_THAT(MessageOf([&] { SaveAnyModel(stem + ".cfg", made); }), HasSubstr("a cfg has no weights"));
  std::remove((stem + ".cfg").c_str());
  EXPECT_THROW(LoadAnyModel(stem + ".weights"), IoError);
  EXPECT_THAT(DescribeFile(stem + ".weights"),
              AllOf(HasSubstr(stem + ".cfg would describe it"), HasSubstr(weights)));
  std::remove((stem + ".weights").c_str());
}

TEST(DarknetWeights, AnotherCfgAndAnEpsilonOutsideAreOptions) {
  const std::string folder = testing::TempDir() + "/fovea_darknet_options";
  const ImportOptions inside{.cfg = folder + "/net.cfg"},
      outside{.cfg = folder + "/net.cfg", .epsilon_outside_root = true};
  CreateFolders(folder);
  WriteFileAtomic(inside.cfg, kCfg);
  const std::string weights = folder + "/net_final.weights";
  WriteFileAtomic(weights, File(0, 2, 20));
  EXPECT_EQ(Values(LoadAnyModel(weights, inside).network, "layer0.norm.running_var"),
            (std::vector<float>{7, 8}));
  EXPECT_EQ(Values(LoadAnyModel(weights, outside).network, "layer0.norm.running_var"),
            (std::vector<float>{7 + 2e-6f * std::sqrt(7.0f), 8 + 2e-6f * std::sqrt(8.0f)}));
  EXPECT_THAT(MessageOf([&] { LoadAnyModel(weights); }),
              AllOf(HasSubstr("net_final.weights"), HasSubstr("net_final.cfg"), HasSubstr("--network")));
  EXPECT_THAT(MessageOf([&] { LoadAnyModel("m.onnx", outside); }), HasSubstr("for darknet's .weights"));
}

TEST(DarknetWeights, NamesBesideThemAreThoseOfTheClasses) {
  const std::string stem = testing::TempDir() + "/fovea_darknet_names";
  WriteFileAtomic(stem + ".cfg", kCfg);
  WriteFileAtomic(stem + ".weights", File(0, 2, 20));
  WriteFileAtomic(stem + ".names", "cat\ndog\nm\xc3\xa9sange\n");
  EXPECT_EQ(LoadAnyModel(stem + ".weights").classes,
            (std::vector<std::string>{"cat", "dog", "m\xc3\xa9sange"}));
  WriteFileAtomic(stem + ".names", "cat\ndog\nm\xe9sange\n");
  EXPECT_THAT(MessageOf([&] { LoadAnyModel(stem + ".weights"); }), HasSubstr("name 3 holds the byte 0xe9"));
  WriteFileAtomic(stem + ".names", "cat\n");
  EXPECT_THAT(MessageOf([&] { LoadAnyModel(stem + ".weights"); }), HasSubstr("1 class names; there are 3"));
}

TEST(DarknetWeights, AnEpsilonThatDarknetHasNotIsRefused) {
  const auto written = [](double eps) {
    Network net({2, 4, 4});
    net.Add("conv", Conv2d({.filters = 1, .bias = false}));
    net.Add("bn", BatchNorm({.eps = eps}));
    return MessageOf([&] { SerialiseDarknetWeights(net); });
  };
  EXPECT_THAT(written(1e-3), AllOf(HasSubstr("layer bn (batch_norm)"), HasSubstr("1e-05, not of 0.001")));
  EXPECT_EQ(written(static_cast<double>(1e-5f)), "");  // as an ONNX file has it
}

TEST(DarknetWeights, WhatDarknetCannotHoldIsNamed) {
  Network net({2, 4, 4});
  net.Add("norm", BatchNorm());
  try {
    SerialiseDarknetWeights(net);
    FAIL();
  } catch (const ArgumentError& error) {
    EXPECT_THAT(error.what(), HasSubstr("layer norm (batch_norm)"));
  }
}

}  // namespace
}  // namespace fovea
