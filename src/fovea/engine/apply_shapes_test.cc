// ProgramMatchesReference for layers that move values, for normalisation within a sample, and for transposed convolution.
#include "fovea/engine/apply_check.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/channel_shuffle.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/conv_transpose2d.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/global_max_pool.h"
#include "fovea/layers/group_norm.h"
#include "fovea/layers/instance_norm.h"
#include "fovea/layers/layer_norm.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/local_response_norm.h"
#include "fovea/layers/lp_pool2d.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/pad.h"
#include "fovea/layers/reduce.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/reshape.h"
#include "fovea/layers/resize.h"
#include "fovea/layers/slice.h"
#include "fovea/layers/space_to_depth.h"
#include "fovea/layers/transpose.h"

namespace fovea {
namespace {

constexpr Mode kTraining = Mode::kTraining;

TEST(ApplyShapes, MovesMatchReference) {
  const Shape x{3, 36, 6, 4};
  for (const int64_t groups : {2, 3, 9}) Check(ChannelShuffle({groups}), x, kTraining, "rearrange");
  Check(ChannelShuffle({4}), {3, 64, 1, 1}, kTraining, "rearrange");
  Check(Slice({.starts = {7}, .ends = {30}}), x, kTraining, "rearrange");
  Check(Slice({.starts = {16}, .ends = {32}}), x, kTraining, "rearrange");
  Check(Slice({.starts = {1, 20, -1}, .ends = {4, 1, -9}, .axes = {2, 1, 3}, .steps = {2, -3, -1}}), x,
        kTraining, "rearrange");
  for (const char* mode : {"DCR", "CRD"}) {
    Check(DepthToSpace({2, mode}), x, kTraining, "rearrange");
    Check(DepthToSpace({3, mode}), x, kTraining, "rearrange");
    Check(SpaceToDepth({2, mode}), x, kTraining, "rearrange");
  }
  for (const char* mode : {"constant", "reflect", "edge"}) {
    Check(Pad({.padding = {1, 0, 3, 2}, .mode = mode, .value = 1.5}), x, kTraining, "rearrange");
    Check(Pad({.padding = {1, 0, 3, 2}, .front = 5, .back = 2, .mode = mode, .value = -1}), x, kTraining,
          "rearrange");
  }
  Check(Transpose({{2, 3, 1}}), x, kTraining, "rearrange");
  Check(Transpose({{3, 1, 2}}), x);
  Check(Transpose({{2, 1}}), {3, 20, 7}, kTraining, "rearrange");
}

TEST(ApplyShapes, ResizeMatchesReference) {
  for (const Shape& x : {Shape{3, 19, 6, 5}, Shape{1, 32, 1, 1}}) {
    Check(Resize(), x, kTraining, "rearrange");
    Check(Resize({.scale_h = 0.7, .scale_w = 1.9, .coordinates = "asymmetric", .nearest = "floor"}),
          {3, 19, 6, 5}, kTraining, "rearrange");
    for (const char* mode : {"linear", "cubic"}) {
      Check(Resize({.mode = mode}), x, kTraining, "resize");
      Check(Resize({.scale_h = 1.5, .scale_w = 0.99, .mode = mode, .coordinates = "align_corners"}),
            {3, 19, 6, 5}, kTraining, "resize");
      Check(Resize({.sizes = {2, 17}, .mode = mode, .exclude_outside = true}), x, kTraining, "resize");
    }
  }
}

TEST(ApplyShapes, ReshapeMatchesReference) {
  Check(Reshape({{0, -1, 1}}), {3, 20, 6, 4}, kTraining, "view");
  Check(Reshape({{-1}}), {3, 20, 6, 4}, kTraining, "view");
  Check(Reshape({{2, 10, 6, 4}}), {3, 20, 6, 4}, kTraining, "rearrange");
  Check(Reshape({{20, 6, 4}}), {3, 2, 10, 6, 4}, kTraining, "rearrange");
  Check(Reshape({{20, 6, 4}}), {3, 480}, kTraining, "rearrange");
  Check(Reshape({{12, 5, 8}}), {3, 20, 6, 4});  // no sum of two tables
}

TEST(ApplyShapes, ReductionsMatchReference) {
  for (const char* op : {"mean", "sum", "max", "min", "l1", "l2", "log_sum_exp"}) {
    Check(Reduce({.op = op, .axes = {2, 3}, .keepdims = false}), {3, 19, 4, 5});
    Check(Reduce({.op = op, .keepdims = false}), {3, 19});
  }
  Check(Reduce({.op = "mean", .axes = {-1, 2}}), {3, 19, 4, 5}, kTraining, "average pooling");
  Check(Reduce({.op = "max", .axes = {2, 3}, .keepdims = false}), {3, 19, 4, 5}, kTraining, "max pooling");
  Check(GlobalMaxPool(), {3, 19, 4, 5}, kTraining, "max pooling");
  Check(GlobalMaxPool(), {2, 3, 20, 20}, kTraining, "reference");  // more places than a byte has
  LpPool2dOptions o;
  o.p = 3;
  Check(LpPool2d(o), {3, 19, 4, 6});
}

TEST(ApplyShapes, NormsMatchReference) {
  for (const Shape& x : {Shape{3, 36, 6, 4}, Shape{40, 36, 3, 3}}) {
    for (const int64_t groups : {1, 3, 12, 36}) Check(GroupNorm({groups}), x, kTraining, "group norm");
    Check(GroupNorm({4, 1e-3, false}), x, kTraining, "group norm");
    Check(GroupNorm({4}), x, Mode::kInference);
    Check(InstanceNorm({.affine = true}), x, kTraining, "group norm");
    Check(LayerNorm({{x[1], x[2], x[3]}, 1e-5, false}), x, kTraining, "group norm");
    Check(LayerNorm({{x[3]}}), x);
  }
  Check(GroupNorm({4}), {7, 60}, kTraining, "group norm");
  for (const bool affine : {false, true})
    Check(LayerNorm({{60}, 1e-5, affine}), {7, 60}, kTraining, affine ? "layer norm" : "group norm");
  Check(LayerNorm({{33}}), {40, 33}, kTraining, "layer norm");
  Check(LocalResponseNorm({.alpha = 0.5}), {3, 19, 4, 5}, kTraining, "local response norm");
}

TEST(ApplyShapes, ConvTransposeMatchesReference) {
  const char* const step = "transposed convolution";
  for (const bool bias : {false, true}) {
    Check(ConvTranspose2d({.filters = 20, .stride = {2, 2}, .bias = bias}), {3, 17, 5, 4}, kTraining, step);
    Check(ConvTranspose2d({.filters = 5,
                           .kernel = {4, 3},
                           .stride = {2, 3},
                           .padding = {1, 0, 2, 1},
                           .output_padding = {1, 2},
                           .bias = bias}),
          {35, 19, 4, 5}, kTraining, step);
  }
  Check(
      ConvTranspose2d({.filters = 32, .kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1), .groups = 2}),
      {3, 32, 4, 5}, kTraining, step);
  Check(ConvTranspose2d({.filters = 7, .kernel = {3, 3}, .dilation = {2, 1}}), {3, 5, 4, 5}, Mode::kInference,
        step);
  Check(ConvTranspose2d({.filters = 6, .groups = 3}), {2, 6, 5, 5}, kTraining, step);
  Check(ConvTranspose2d({.filters = 32, .stride = {2, 2}, .groups = 8}), {3, 64, 4, 5}, kTraining, step);
  Check(ConvTranspose2d({.output_padding = {1, 0}, .dilation = {2, 2}}), {2, 6, 5, 5}, kTraining,
        "reference");
  const Arithmetic fast{Numerics::kFast};
  const ConvTranspose2d three({.filters = 20, .kernel = {3, 3}, .padding = PadAll(1)});
  CheckBy(fast, three, {20, 16, 16, 16}, kTraining, step);
}

TEST(ApplyManyShapes, ConvTranspose) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    ConvTranspose2dOptions o{.filters = draw.Between(1, 35),
                             .kernel = draw.Sides(1, 4),
                             .stride = draw.Sides(1, 3),
                             .padding = draw.Margins(2),
                             .dilation = draw.Sides(1, 2),
                             .bias = draw.Coin()};
    o.output_padding = {draw.Between(0, o.stride.h - 1), draw.Between(0, o.stride.w - 1)};
    Shape x = draw.Map();
    if (draw.Between(0, 3) == 0) o.groups = draw.Between(1, 4), o.filters *= o.groups;
    // Large enough that padding leaves some of it.
    Check(ConvTranspose2d(o), {x[0], x[1] * o.groups, x[2] + 4, x[3] + 4}, draw.AnyMode());
  }
}

TEST(ApplyManyShapes, GroupNorm) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    const int64_t groups = draw.Between(1, 9);
    const Shape x = draw.Map();
    // A handful of values have no variance worth a name.
    Check(GroupNorm({groups, 1e-3, draw.Coin()}), {x[0], x[1] * groups, x[2] + 3, x[3] + 3}, draw.AnyMode());
  }
}

TEST(ApplyManyShapes, Moves) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    const Shape x = draw.Map();
    const int64_t groups = draw.Between(1, 9);
    Check(ChannelShuffle({groups}), {x[0], x[1] * groups, x[2], x[3]}, draw.AnyMode());
    const int64_t start = draw.Between(0, x[1] - 1);
    Check(Slice({.starts = {start, draw.Between(0, x[3] - 1)},
                 .ends = {draw.Between(start + 1, x[1]), 99},
                 .axes = {1, 3},
                 .steps = {draw.Between(1, 3), 1}}),
          x, draw.AnyMode());
    Check(Pad({.padding = draw.Margins(3), .mode = draw.Coin() ? "edge" : "constant", .value = 2}), x,
          draw.AnyMode());
    Check(Resize({.sizes = draw.Sides(1, 15), .coordinates = "asymmetric", .nearest = "floor"}), x,
          draw.AnyMode());
    Check(Resize({.sizes = draw.Sides(1, 15),
                  .mode = draw.Coin() ? "linear" : "cubic",
                  .exclude_outside = draw.Coin()}),
          x, draw.AnyMode());
    Check(LocalResponseNorm({.size = draw.Between(1, 40), .alpha = 3, .beta = 0.6, .bias = 1.5}), x,
          draw.AnyMode());
    const int64_t block = draw.Between(1, 3);
    Check(DepthToSpace({block, draw.Coin() ? "DCR" : "CRD"}), {x[0], x[1] * block * block, x[2], x[3]},
          draw.AnyMode());
    Check(SpaceToDepth({block, draw.Coin() ? "DCR" : "CRD"}), {x[0], x[1], x[2] * block, x[3] * block},
          draw.AnyMode());
  }
}

// Gradients of slices, of a shuffle and of an upsampling meet in values that others read too.
TEST(ApplyShapes, BranchesMatchReference) {
  Network net({3, 8, 8});
  const int stem = net.Add("stem", Conv2d({.filters = 36, .padding = PadAll(1)}));
  const int keep = net.Add("keep", Slice({.starts = {0}, .ends = {18}}), {stem});
  net.Add("pass", Slice({.starts = {18}, .ends = {36}}), {stem});
  const int conv = net.Add("conv", Conv2d({.filters = 18, .padding = PadAll(1)}));
  net.Add("join", Concat(), {keep, conv});
  net.Add("shuffle", ChannelShuffle());
  net.Add("down", Conv2d({.filters = 36, .stride = {2, 2}, .padding = PadAll(1)}));
  net.Add("norm", GroupNorm({6}));
  net.Add("relu", Relu());
  const int up = net.Add("up", ConvTranspose2d({.filters = 18, .stride = {2, 2}}));
  net.Add("nearest", Resize(), {up - 1});
  net.Add("again", Concat(), {up, up + 1, stem});
  net.Add("pool", GlobalAvgPool());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 5}));
  net.Initialise(8);
  const auto steps = CheckNetwork(net, 5);
  for (const StepInfo& step : steps) EXPECT_NE(step.step, "reference") << step.nodes;
}

// A channel shuffle as ONNX spells it, and Darknet's reorg.
TEST(ApplyShapes, MovesInARowAreOneStep) {
  Network net({3, 6, 6});
  net.Add("stem", Conv2d({.filters = 36, .padding = PadAll(1)}));
  net.Add("groups", Reshape({{2, 18, 6, 6}}));
  net.Add("turn", Transpose({{2, 1, 3, 4}}));
  net.Add("shuffled", Reshape({{36, 6, 6}}));
  net.Add("conv", Conv2d({.filters = 16, .kernel = {1, 1}}));
  net.Add("wide", Reshape({{4, 12, 12}}));
  net.Add("blocks", SpaceToDepth());
  net.Add("reorg", Reshape({{64, 3, 3}}));
  net.Add("pad", Pad({.padding = PadAll(1), .value = 1}));
  net.Add("flat", Reshape({{-1}}));
  net.Add("fc", Linear({.features = 5}));
  net.Initialise(10);
  const auto steps = CheckNetwork(net, 5);
  EXPECT_EQ(steps[1].nodes, "groups+turn+shuffled");
  EXPECT_EQ(steps[1].step, "rearrange");
  for (const StepInfo& step : steps) EXPECT_NE(step.step, "reference") << step.nodes;
}

// Constants that differ are not one.
TEST(ApplyShapes, PadsOfTwoConstantsMatchReference) {
  Network net({20, 5, 4});
  net.Add("ones", Pad({.padding = PadAll(1), .value = 1}));
  net.Add("twos", Pad({.padding = PadAll(1), .value = 2}));
  net.Add("cut", Slice({.starts = {0}, .ends = {99}, .axes = {2}, .steps = {2}}));
  net.Add("flat", Reshape({{-1}}));
  net.Add("fc", Linear({.features = 5}));
  net.Initialise(11);
  const auto steps = CheckNetwork(net, 3);
  EXPECT_EQ(steps[0].nodes, "ones");
  EXPECT_EQ(steps[1].nodes, "twos+cut");
}

// docs/howto/sequences.md
TEST(ApplyShapes, SequenceMatchesReference) {
  Network net({3, 40});
  net.Add("map", Reshape({{0, 1, -1}}));
  net.Add("conv", Conv2d({.filters = 20, .kernel = {1, 5}, .padding = {0, 2, 0, 2}, .bias = false}));
  net.Add("norm", BatchNorm());
  net.Add("relu", Relu());
  net.Add("pool", MaxPool2d({.kernel = {1, 2}, .stride = {1, 2}}));
  net.Add("up", ConvTranspose2d({.filters = 4, .kernel = {1, 2}, .stride = {1, 2}}));
  net.Add("signal", Reshape({{0, -1}}));
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 5}));
  net.Initialise(9);
  for (const StepInfo& step : CheckNetwork(net, 6)) EXPECT_NE(step.step, "reference") << step.nodes;
}

}  // namespace
}  // namespace fovea
