#include "fovea/formats/weights.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/formats/damage.h"
#include "fovea/formats/tensor_names.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

std::vector<std::string> Theirs(const TensorNames& names) {
  std::vector<std::string> theirs;
  for (const auto& [ours, name] : names) theirs.push_back(name);
  return theirs;
}

std::string TestPath(const std::string& name) { return testing::TempDir() + "/" + name; }

Network Small(uint64_t seed) {
  Network net = BuildNetwork("resnet20", {3, 8, 8}, 4);
  net.Initialise(seed);
  return net;
}

// The names of torchvision's state dicts.
TEST(TensorNames, AreThoseOfTorchvision) {
  const auto names = [](const char* network) {
    return Theirs(TorchNames(BuildNetwork(network, {3, 224, 224}, 1000)));
  };
  EXPECT_THAT(names("resnet18"),
              IsSupersetOf({"conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer2.0.bn2.bias",
                            "layer2.0.downsample.0.weight", "layer4.0.downsample.1.running_mean",
                            "layer4.1.conv2.weight", "fc.weight", "fc.bias"}));
  EXPECT_THAT(names("resnet50"), IsSupersetOf({"layer1.0.conv3.weight", "layer3.5.bn3.weight"}));
  EXPECT_THAT(names("vgg16"), IsSupersetOf({"features.0.weight", "features.28.bias", "classifier.0.weight",
                                            "classifier.3.bias", "classifier.6.weight"}));
  EXPECT_THAT(names("vgg16_bn"), IsSupersetOf({"features.0.weight", "features.1.running_mean",
                                               "features.40.weight", "classifier.6.bias"}));
  EXPECT_THAT(
      names("mobilenet_v2"),
      IsSupersetOf({"features.0.0.weight", "features.0.1.bias", "features.1.conv.0.0.weight",
                    "features.1.conv.1.weight", "features.1.conv.2.running_var", "features.2.conv.0.0.weight",
                    "features.2.conv.1.1.bias", "features.17.conv.2.weight", "features.17.conv.3.bias",
                    "features.18.0.weight", "features.18.1.weight", "classifier.1.weight"}));
}

TEST(TensorNames, NoTwoTensorsShareOne) {
  for (const std::string& network : NetworkNames()) {
    std::vector<std::string> theirs = Theirs(TorchNames(BuildNetwork(network, {3, 32, 32}, 10)));
    std::sort(theirs.begin(), theirs.end());
    EXPECT_EQ(std::adjacent_find(theirs.begin(), theirs.end()), theirs.end()) << network;
  }
}

TEST(TensorNames, AFileRenamesNodesAndSingleTensors) {
  const Network net = Small(1);
  const std::string path = TestPath("names.txt");
  std::ofstream(path) << "# the head\n fc = head.linear \nfc.bias=b  # alone\n\n";
  const TensorNames names = ReadTensorNames(path, net);
  EXPECT_EQ(names.at("fc.weight"), "head.linear.weight");
  EXPECT_EQ(names.at("fc.bias"), "b");
  EXPECT_EQ(names.at("stem.conv.weight"), "stem.conv.weight");
  const auto error_of = [&](const char* text) -> std::string {
    std::ofstream(path) << text;
    try {
      ReadTensorNames(path, net);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of("fc = a\nfx = b\n"), HasSubstr("line 2: the network has no node or tensor \"fx\""));
  EXPECT_THAT(error_of("fc head\n"), HasSubstr("line 1: needs"));
  EXPECT_THAT(error_of("fc = a\nfc = b\n"), HasSubstr("named twice"));
  EXPECT_THAT(error_of("fc.bias = stem.bn.bias\n"),
              HasSubstr("names.txt: \"fc.bias\" and \"stem.bn.bias\" are both called \"stem.bn.bias\""));
}

// Node names come from files.
TEST(TensorNames, ANumberTooLargeForTheTableIsNoNameOfIt) {
  Network net({3, 8, 8});
  net.Add("stage1.block1.join", Relu());
  const std::string name = "stage1.block" + std::string(100000, '9') + ".1.conv";
  net.Add(name, Conv2d({.filters = 1}));
  EXPECT_EQ(TorchNames(net).at(name + ".weight"), name + ".weight");
}

TEST(TensorNames, AFileMayBeginWithTheNamesOfTorch) {
  const Network net = BuildNetwork("resnet20", {3, 32, 32}, 10);
  const TensorNames names = ParseTensorNames("names.txt", "fc = linear\ntorch\nstem.bn.bias = shift\n", net);
  EXPECT_EQ(names.at("stem.conv.weight"), "conv1.weight");
  EXPECT_EQ(names.at("stem.bn.weight"), "bn1.weight");
  EXPECT_EQ(names.at("stem.bn.bias"), "shift");
  EXPECT_EQ(names.at("fc.bias"), "linear.bias");
}

TEST(TensorNames, RefusesOrReadsWhateverIsDamaged) {
  const Network net = Small(1);
  const Damaged damaged = ReadDamaged(
      "# the head\nfc = head.linear\nstem.conv.weight = first.kernel  # alone\n", "names.txt: line ",
      [&](const std::string& text) { ParseTensorNames("names.txt", text, net); });
  EXPECT_EQ(damaged.unnamed, "");
  EXPECT_GT(damaged.refused, 100);
}

TEST(Weights, ComeBackFromEitherFileByTheirOtherNames) {
  const Network net = Small(1);
  for (const char* name : {"weights.npz", "weights.safetensors"}) {
    SCOPED_TRACE(name);
    SaveWeights(TestPath(name), net, TorchNames(net));
    Network other = Small(2);
    SetWeights(name, ReadWeights(TestPath(name)), TorchNames(other), other);
    for (std::size_t i = 0; i < net.parameters().size(); i++) {
      const auto a = net.parameters()[i].value.values(), b = other.parameters()[i].value.values();
      EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << net.parameters()[i].name;
    }
  }
}

TEST(Weights, AreInFilesWhoseEndingSaysSo) {
  Network net = Small(1);
  const auto refused = testing::AllOf(HasSubstr("w.pt"), HasSubstr(".safetensors, .npz or .npy"));
  EXPECT_THAT(MessageOf([&] { SaveWeights("w.pt", net, OwnNames(net)); }), refused);
  EXPECT_THAT(MessageOf([&] { ReadWeights("w.pt"); }), refused);
}

TEST(Weights, WhatDoesNotFitIsListedAndChangesNothing) {
  Network net = Small(1);
  NamedArrays arrays;
  const TensorNames names = TorchNames(net);
  for (const auto& p : net.parameters()) {
    if (p.name != "fc.bias") arrays.emplace_back(names.at(p.name), p.value);
  }
  for (const auto& s : net.states()) arrays.emplace_back(names.at(s.name), s.value);
  arrays[0].second = Tensor<float>({2, 2});
  arrays.emplace_back("extra", Tensor<float>({1}));
  arrays.emplace_back("bn1.num_batches_tracked", Tensor<float>({1}));
  const uint64_t version = net.version();
  try {
    SetWeights("w.npz", arrays, names, net);
    FAIL();
  } catch (const FormatError& error) {
    const std::string what = error.what();
    EXPECT_THAT(what, HasSubstr("w.npz: the weights do not fit the network; 1 missing: fc.bias; "
                                "1 of another shape: conv1.weight is 2x2, \"stem.conv.weight\" needs "
                                "16x3x3x3; 1 left over: extra"));
  }
  EXPECT_EQ(net.version(), version);
}

}  // namespace
}  // namespace fovea
