// Values stored turned: which they are, and that nobody sees a difference.
#include "fovea/engine/turned.h"

#include <gmock/gmock.h>

#include "fovea/engine/apply_check.h"
#include "fovea/layers/add.h"
#include "fovea/layers/arithmetic.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/layer_norm.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/reshape.h"
#include "fovea/layers/slice.h"
#include "fovea/layers/transpose.h"

namespace fovea {
namespace {

const Transpose kTurn({{2, 3, 1}}), kBack({{3, 1, 2}});

std::vector<std::string> NamesOfTurned(const Network& net) {
  const std::vector<bool> turned = TurnedValues(net);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < net.nodes().size(); i++) {
    if (turned[i + 1]) names.push_back(net.nodes()[i].name);
  }
  return names;
}

std::vector<std::string> KindsOf(const std::vector<StepInfo>& steps) {
  std::vector<std::string> kinds;
  for (const StepInfo& step : steps) kinds.push_back(step.step);
  return kinds;
}

// A convolution of single places as an ONNX file has it: a product with the last axis.
void AddProduct(Network& net, const std::string& name, int64_t filters) {
  net.Add(name + "_back", kBack);
  net.Add(name, Conv2d({.filters = filters, .kernel = {1, 1}}));
  net.Add(name + "_turn", kTurn);
}

struct BlockOptions {
  int64_t channels = 20;
  bool affine = true;
  bool turned_join = false;  // the residual join is between turned values
};

// A network of one block of ConvNeXt.
Network MakeBlock(const Shape& input, const BlockOptions& o) {
  Network net(input);
  int entry = net.Add("stem", Conv2d({.filters = o.channels, .kernel = {2, 2}}));
  if (o.turned_join) entry = net.Add("entry", kTurn);
  if (!o.turned_join)
    net.Add("deep", Conv2d({.filters = o.channels, .padding = PadAll(1), .groups = o.channels}));
  if (!o.turned_join) net.Add("turn", kTurn);
  net.Add("norm", LayerNorm({{o.channels}, 1e-3, o.affine}));
  AddProduct(net, "wide", 2 * o.channels);
  net.Add("gelu", Gelu());
  net.Add("drop", Dropout({0.25}));
  AddProduct(net, "narrow", o.channels);
  net.Add("scale", Multiply({.operand = {o.channels}}));
  if (!o.turned_join) net.Add("back", kBack);
  net.Add("join", Add(), {entry, static_cast<int>(net.nodes().size())});
  if (o.turned_join) net.Add("relu", Relu());
  if (o.turned_join) net.Add("back", kBack);
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("last", LayerNorm({{o.channels}, 1e-3, o.affine}));
  net.Add("fc", Linear({.features = 5}));
  net.Initialise(4);
  return net;
}

TEST(Turned, ABlockOfConvNextMovesNothing) {
  for (const bool turned_join : {false, true}) {
    Network net = MakeBlock({3, 9, 8}, {.turned_join = turned_join});
    const auto kinds = KindsOf(CheckNetwork(net, 5));
    EXPECT_THAT(kinds, testing::Not(testing::Contains("reference")));
    EXPECT_THAT(kinds, testing::Not(testing::Contains("rearrange")));
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "layer norm"), 2);
  }
}

TEST(Turned, ManyBlocksMatchReference) {
  for (int i = 0; i < 60; i++) {
    SCOPED_TRACE(i);
    Draw draw(i);
    // A handful of channels has no variance worth a name.
    const BlockOptions o{draw.Between(4, 40), draw.Coin(), draw.Coin()};
    Network net = MakeBlock({draw.Between(1, 5), draw.Between(2, 20), draw.Between(2, 12)}, o);
    const int64_t batch = draw.Between(1, 4) == 4 ? 40 : draw.Between(1, 3);
    CheckNetwork(net, batch);
  }
}

TEST(Turned, MapsOfBfloat16MatchReference) {
  for (const int64_t channels : {16, 20, 35}) {
    Network net({channels, 9, 8});
    net.Add("turn", kTurn);
    net.Add("norm", LayerNorm({{channels}}));
    net.Add("scale", Multiply({.operand = {channels}}));
    net.Add("back", kBack);
    net.Initialise(4);
    const auto kinds = KindsOf(CheckNetwork(net, 5, kBf16));
    EXPECT_THAT(kinds, testing::ElementsAre("view", "layer norm", "multiply", "view"));
  }
}

TEST(Turned, AreReadByLayersThatKnowThem) {
  Network net({20, 6, 4});
  const int turn = net.Add("turn", kTurn);
  net.Add("relu", Relu());
  net.Add("drop", Dropout({0.5}));
  net.Add("more", Add({.operand = {1}}));
  net.Add("cut", Slice({.starts = {1}, .ends = {5}}));
  net.Add("flatten", Flatten());
  EXPECT_THAT(NamesOfTurned(net), testing::ElementsAre("turn", "relu", "drop", "more"));
  // Somebody else reads the value behind two of them.
  const int pool = net.Add("pool", MaxPool2d({.kernel = {2, 2}, .stride = {2, 2}}), {turn + 1});
  net.Add("flat", Flatten(), {pool});
  EXPECT_THAT(NamesOfTurned(net), testing::IsEmpty());
}

TEST(Turned, BothSidesOfAJoinOrNone) {
  Network net({20, 6, 4});
  const int turn = net.Add("turn", kTurn);
  const int fold = net.Add("fold", Reshape({{6, 4, 20}}), {0});
  net.Add("join", Add(), {turn, fold});
  net.Add("back", kBack);
  EXPECT_THAT(NamesOfTurned(net), testing::IsEmpty());
}

// Of an operand that has no number for each channel, of another order of the axes, of the value that the user reads.
TEST(Turned, NotWhereChannelsAreNotTheLastAxis) {
  Network wide({20, 6, 4});
  wide.Add("turn", kTurn);
  wide.Add("scale", Multiply({.operand = {6, 1, 1}}));
  wide.Add("back", kBack);
  EXPECT_THAT(NamesOfTurned(wide), testing::IsEmpty());
  Network other({20, 6, 4});
  other.Add("turn", Transpose({{3, 2, 1}}));
  other.Add("relu", Relu());
  other.Add("back", kBack);
  EXPECT_THAT(NamesOfTurned(other), testing::IsEmpty());
  Network last({20, 6, 4});
  last.Add("turn", kTurn);
  last.Add("relu", Relu());
  EXPECT_THAT(NamesOfTurned(last), testing::IsEmpty());
}

// Maps of one row turn whatever becomes of the axis of height 1.
TEST(Turned, SequencesToo) {
  Network net({3, 1, 30});
  net.Add("stem", Conv2d({.filters = 20, .kernel = {1, 3}}));
  net.Add("turn", Transpose({{3, 2, 1}}));
  net.Add("norm", LayerNorm({{20}}));
  net.Add("back", Transpose({{3, 2, 1}}));
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 5}));
  net.Initialise(4);
  EXPECT_THAT(NamesOfTurned(net), testing::ElementsAre("turn", "norm"));
  EXPECT_THAT(KindsOf(CheckNetwork(net, 3)), testing::Not(testing::Contains("rearrange")));
}

}  // namespace
}  // namespace fovea
