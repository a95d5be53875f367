#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/base/random.h"
#include "fovea/formats/damage.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::string_literals;

constexpr const char* kNet = "[net]\nheight=8\nwidth=8\nchannels=3\n";

Model Parse(const std::string& layers) { return ParseDarknetCfg("test.cfg", kNet + layers); }

std::string ErrorOf(const std::string& text) {
  try {
    ParseDarknetCfg("test.cfg", text);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no error";
}

// Why Fovea refuses a cfg of darknet's repositories; empty for the others.
std::string ReasonToRefuse(const std::string& name) {
  static const std::vector<std::pair<std::string, std::string>> reasons = {
      {"rnn", "time_steps"},
      {"/rnn.cfg", "height and width are missing"},
      {"gru", "height and width"},
      {"lstm", "time_steps"},
      {"occlusion", "time_steps"},
      {"xnor", "xnor=1"},
      {"pjreddie/go.", "extra=1"},
      {"t1.test", "[detection]"},
      {"yolov1-tiny", "[detection]"},
      {"yolov1.", "[local]"},
      {"9000", "tree="},
      {"Gaussian", "[Gaussian_yolo]"},
      {"trident", "share_index"},
      {"contrastive", "onlyforward"},
      {"cspx-p7-mish", "[sam]"},
      {"sam-mish", "[sam]"},
      {"reorg-bfm", "[reorg3d]"}};
  std::string reason;
  for (const auto& [part, why] : reasons)
    if (name.find(part) != std::string::npos) reason = why;
  return name.find("omega") == std::string::npos ? reason : "";
}

TEST(DarknetCfg, AConvolutionIsThreeNodes) {
  const Network net =
      Parse("[convolutional]\nbatch_normalize=1\nfilters = 4\nsize=3\nstride=2\npad=1\nactivation=leaky\n")
          .network;
  ASSERT_EQ(net.nodes().size(), 3u);
  EXPECT_EQ(net.nodes()[0].name, "layer0.conv");
  EXPECT_EQ(ToString(*net.nodes()[2].layer), "leaky_relu(slope=0.1)");
  EXPECT_EQ(net.OutputShape(1), Shape({1, 4, 4, 4}));
  EXPECT_EQ(net.ParameterCount(), 4 * 3 * 9 + 2 * 4);
}

TEST(DarknetCfg, BlanksCommentsAndLineEndsCountNowhere) {
  const auto net = Parse(
      "; a comment\r\n\r\n  [ convolutional ]\r\n# more\r\n filters = 2 # two\r\n\tsize=1\r\nactivation = "
      "linear\r\n");
  EXPECT_EQ(net.network.OutputShape(1), Shape({1, 2, 8, 8}));
}

TEST(DarknetCfg, OfTwoValuesTheFirstCounts) {
  EXPECT_EQ(Parse("[conv]\nfilters=2\nfilters=5\nactivation=linear\n").network.OutputShape(1),
            Shape({1, 2, 8, 8}));
}

// Out is (w + padding - size)/stride + 1 with padding = size - 1 by default, floor(padding/2) of it before the map.
TEST(DarknetCfg, MaxPoolPadsAsDarknet) {
  struct Case {
    const char* text;
    int64_t extent;
    Padding padding;
  };
  for (const Case& c : {Case{"size=2\nstride=2\n", 4, {0, 0, 0, 0}},  // even: the padding is not read
                        Case{"size=2\nstride=1\n", 8, {0, 0, 1, 1}},  // the 13x13 of the tiny detectors
                        Case{"size=3\nstride=2\n", 4, {1, 1, 0, 0}},  //
                        Case{"size=5\nstride=1\n", 8, {2, 2, 2, 2}},  //
                        Case{"size=3\nstride=3\n", 3, {1, 1, 0, 0}},  // (8 + 2 - 3)/3 + 1
                        Case{"size=3\nstride=2\npadding=0\n", 3, {0, 0, 0, 0}}}) {
    const Network net = Parse(std::string("[maxpool]\n") + c.text).network;
    EXPECT_EQ(net.OutputShape(1), Shape({1, 3, c.extent, c.extent})) << c.text;
    const auto& options = dynamic_cast<const MaxPool2d&>(*net.nodes()[0].layer).options();
    EXPECT_EQ(options.padding, c.padding) << c.text;
  }
}

TEST(DarknetCfg, RoutesCountBackOrFromTheStart) {
  const std::string conv = "[convolutional]\nfilters=2\nsize=1\nactivation=linear\n";
  const Network net = Parse(conv + conv + "[route]\nlayers=-1, 0\n[route]\nlayers=1\n").network;
  EXPECT_EQ(net.nodes()[2].inputs, (std::vector<int>{2, 1}));
  EXPECT_EQ(net.OutputShape(1), Shape({1, 2, 8, 8}));  // the last route gives what layer 1 gave
}

TEST(DarknetCfg, AShortcutAddsEqualShapes) {
  const std::string conv = "[convolutional]\nfilters=3\nsize=1\nactivation=linear\n";
  const Network net = Parse(conv + conv + "[shortcut]\nfrom=-2\nactivation=leaky\n").network;
  EXPECT_EQ(net.nodes()[2].inputs, (std::vector<int>{2, 1}));
  EXPECT_EQ(net.nodes()[3].name, "layer2.leaky");
}

TEST(DarknetCfg, AClassifierEndsInItsScores) {
  const auto cfg = Parse(
      "[convolutional]\nfilters=5\nactivation=linear\n[avgpool]\n[softmax]\ngroups=1\n[cost]\ntype=sse\n");
  EXPECT_EQ(cfg.network.OutputShape(2), Shape({2, 5}));
  EXPECT_EQ(cfg.preprocessing.mean, std::vector<double>(3, 0));
}

TEST(DarknetCfg, ARampIsStepperAboveZero) {
  Network net = Parse("[conv]\nactivation=ramp\n").network;
  for (const float x : {-3.0f, -0.5f, 0.25f, 7.0f}) {
    net.MutableParameter(1)[0] = x;  // the bias; weights are zero
    const float y = Reference<float>(net).Forward(Tensor<float>({1, 3, 8, 8}), Mode::kInference)[0];
    EXPECT_FLOAT_EQ(y, x > 0 ? x + 0.1f * x : 0.1f * x);
  }
}

TEST(DarknetCfg, AHeadWithoutMaskHasAllBoxes) {
  const auto cfg = Parse("[conv]\nfilters=14\nactivation=linear\n[yolo]\nanchors=1,2\nnum=2\nclasses=2\n");
  EXPECT_EQ(cfg.heads[0].mask, (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(cfg.heads[0].anchors, (std::vector<double>{1, 2, 0.5, 0.5}));
}

TEST(DarknetCfg, ACropIsTheInputAndItsRange) {
  const auto cfg = Parse(
      "[crop]\ncrop_height=6\ncrop_width=4\nflip=1\n[convolutional]\nactivation=relu\n[route]\nlayers=1\n");
  EXPECT_EQ(cfg.network.InputShape(1), Shape({1, 3, 6, 4}));
  EXPECT_EQ(cfg.preprocessing.mean, std::vector<double>(3, 0.5));
  EXPECT_EQ(cfg.network.nodes()[0].name, "layer1.conv");
}

TEST(DarknetCfg, HeadsAreRawOneAfterTheOther) {
  const std::string head =
      "[convolutional]\nfilters=14\nsize=1\nactivation=linear\n"
      "[yolo]\nmask=0,1\nanchors=1,2, 3,4\nnum=2\nclasses=2\njitter=.3\n";
  const auto cfg = Parse(head + "[route]\nlayers=-2\n[maxpool]\nsize=2\nstride=2\n" + head);
  ASSERT_EQ(cfg.heads.size(), 2u);
  EXPECT_EQ(cfg.heads[0].shape, Shape({14, 8, 8}));
  EXPECT_EQ(cfg.heads[1].shape, Shape({14, 4, 4}));
  EXPECT_EQ(cfg.heads[1].offset, 14 * 64);
  EXPECT_EQ(cfg.heads[1].anchors, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(cfg.network.OutputShape(1), Shape({1, 14 * 64 + 14 * 16}));
}

TEST(DarknetCfg, WhatFollowsTheOnlyHeadIsNoOutput) {
  const auto cfg = Parse(
      "[convolutional]\nfilters=7\nsize=1\nactivation=linear\n[yolo]\nanchors=1,2\nclasses=2\n"
      "[maxpool]\nsize=2\nstride=2\n");
  EXPECT_EQ(cfg.network.OutputShape(1), Shape({1, 7, 8, 8}));
  EXPECT_EQ(cfg.network.nodes().back().inputs, (std::vector<int>{1}));
}

TEST(DarknetCfg, EpsilonStandsWhereItIsAsked) {
  const std::string text = std::string(kNet) + "[conv]\nbatch_normalize=1\nactivation=linear\n";
  const auto eps = [&](DarknetEpsilon where) {
    const auto cfg = ParseDarknetCfg("test.cfg", text, where);
    return dynamic_cast<const BatchNorm&>(*cfg.network.nodes()[1].layer).options().eps;
  };
  EXPECT_EQ(eps(DarknetEpsilon::kInsideRoot), 1e-5);
  EXPECT_EQ(eps(DarknetEpsilon::kOutsideRoot), kEpsilonOutsideRoot);
}

TEST(DarknetCfg, ErrorsNameFileLineAndSection) {
  struct Case {
    std::string layers;
    const char* line;
    const char* what;
  };
  for (const Case& c :
       {Case{"[lstm]\n", "line 5: [lstm]", "not supported"},
        Case{"[conv]\nfilters=x\n", "line 6: [conv]", "filters=x is not a whole number"},
        Case{"[conv]\nfilters=0\n", "line 6: [conv]", "from 1 to"},
        Case{"[conv]\nfilter=3\nactivation=relu\n", "line 6: [conv]", "did you mean \"filters\""},
        Case{"[conv]\nxnor=1\n", "line 6: [conv]", "xnor=1 is not supported"},
        Case{"[conv]\nactivation=loggy\n", "line 5: [conv]", "activation=loggy"},
        Case{"[conv]\nactivation=relu\nsize=99\n", "line 5: [conv]", "99"},
        Case{"[conv]\nactivation=relu\nfilters=1048576\nsize=1001\npadding=1000\n", "line 5: [conv]",
             "more parameters"},
        Case{"[route]\nlayers=-1\n", "line 5: [route]", "does not stand before"},
        Case{"[route]\n", "line 5: [route]", "layers is missing"},
        Case{"[conv]\nactivation=relu\n[shortcut]\nfrom=5\n", "line 7: [shortcut]", "layer 5"},
        Case{"[conv]\nactivation=relu\n[yolo]\nclasses=3\n", "line 7: [yolo]", "need 8 channels"},
        Case{"[softmax]\ngroups=1\n", "line 1: [net]", "no layer follows"}}) {
    EXPECT_THAT(ErrorOf(kNet + c.layers), AllOf(HasSubstr("test.cfg "), HasSubstr(c.line), HasSubstr(c.what)))
        << c.layers;
  }
  EXPECT_THAT(ErrorOf(""), HasSubstr("not a darknet cfg"));
  EXPECT_THAT(ErrorOf("height=3\n"), HasSubstr("line 1"));
  EXPECT_THAT(ErrorOf("[net\n"), HasSubstr("line 1: \"[net\" is no section"));
  EXPECT_THAT(ErrorOf("[net]\nheight=3\nchanels=1\nwidth=3\nlearning_rate=0.1\n[conv]\n"),
              AllOf(HasSubstr("test.cfg line 3: [net]: chanels=1"), HasSubstr("did you mean \"channels\"")));
  EXPECT_THAT(ErrorOf("[net]\nheight=3\n[conv]\n"), HasSubstr("height and width are missing"));
  EXPECT_THAT(ErrorOf("[conv]\n"), HasSubstr("first section must be [net]"));
}

// tests/golden/darknet_counts.py counts by darknet's own rules.
TEST(DarknetCfg, RealNetworksMatchCounts) {
  const char* data = std::getenv("FOVEA_DATA");
  if (data == nullptr || *data == '\0') GTEST_SKIP() << "FOVEA_DATA is not set";
  std::ifstream golden(FOVEA_SOURCE_DIR "/tests/golden/darknet_counts.txt");
  int matched = 0;
  for (std::string line; std::getline(golden, line);) {
    std::istringstream words(line);
    std::string name;
    int64_t outputs = 0, parameters = 0;
    words >> name >> outputs >> parameters;
    const std::string reason = ReasonToRefuse(name);
    try {
      const Network net = ReadDarknetCfg(data + "/darknet-cfg/"s + name).network;
      EXPECT_EQ(reason, "") << name;
      EXPECT_EQ(net.OutputShape(1).Size(), outputs) << name;
      EXPECT_EQ(net.ParameterCount(), parameters) << name;
      matched++;
    } catch (const FormatError& error) {
      EXPECT_NE(reason, "") << error.what();
      EXPECT_THAT(error.what(), HasSubstr(reason)) << name;
    }
  }
  EXPECT_EQ(matched, 105);  // of 132: the others have a reason
}

constexpr const char* kSmall =
    "[net]\nheight=8\nwidth=8\nchannels=3\n"
    "[convolutional]\nbatch_normalize=1\nfilters=4\nsize=3\nstride=2\npad=1\nactivation=leaky\n"
    "[maxpool]\nsize=2\nstride=1\n[route]\nlayers=-1,-2\n[avgpool]\n[connected]\noutput=3\nactivation="
    "linear\n";

TEST(DarknetCfg, RefusesOrReadsWhateverIsDamaged) {
  const Damaged damaged =
      ReadDamaged(kSmall, "test.cfg", [](const std::string& text) { ParseDarknetCfg("test.cfg", text); });
  EXPECT_EQ(damaged.unnamed, "");
  EXPECT_GT(damaged.refused, 500);
}

// Every number of a cfg at the ends of what its text can say.
TEST(DarknetCfg, RefusesOrReadsExtremesOfEachField) {
  const std::string detector =
      std::string(kSmall) +
      "[upsample]\nstride=2\n[convolutional]\nfilters=14\nsize=1\ngroups=1\nactivation=ramp\n"
      "[yolo]\nmask=0,1\nanchors=1,2,3,4\nnum=2\nclasses=2\nscale_x_y=1\n";
  int refused = 0;
  for (std::size_t at = detector.find('='); at != std::string::npos; at = detector.find('=', at + 1)) {
    const std::size_t end = detector.find('\n', at);
    for (const char* value :
         {"", "-1", "0", "-2147483648", "1048576", "1048577", "2147483648", "9223372036854775807",
          "9223372036854775808", "1e308", "nan", "1,", ",,", "x"}) {
      const std::string text = detector.substr(0, at + 1) + value + detector.substr(end);
      const std::string message =
          MessageOf([&] { ParseDarknetCfg("test.cfg", text, DarknetEpsilon::kInsideRoot, 1 << 20); });
      refused += message.empty() ? 0 : 1;
      if (!message.empty()) {
        EXPECT_THAT(message, testing::StartsWith("test.cfg line ")) << text;
      }
    }
  }
  EXPECT_GT(refused, 250);
}

// Files are data: whatever a byte becomes, there is a network or an error that names the file.
TEST(DarknetCfg, EveryMalformedFileIsRefusedOrRead) {
  const std::string good = kSmall;
  int refused = 0;
  for (uint64_t i = 0; i < 2000; i++) {
    RandomStream random({.seed = 5}, i);
    std::string text = good;
    for (uint32_t change = 0; change <= random.Below(3); change++) {
      const std::size_t at = random.Below(static_cast<uint32_t>(text.size()));
      switch (random.Below(4)) {
        case 0:
          text[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          text.erase(at, 1 + random.Below(20));
          break;
        case 2:
          text.insert(at, std::string("0123456789-=[],\n").substr(random.Below(16), 1));
          break;
        default:
          text.insert(at, text.substr(random.Below(static_cast<uint32_t>(text.size())), 30));
      }
      if (text.empty()) text = "[";
    }
    try {
      ParseDarknetCfg("test.cfg", text);
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), HasSubstr("test.cfg"));
      refused++;
    }
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace fovea
