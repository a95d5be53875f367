#include "fovea/layers/rearrangement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "fovea/base/error.h"
#include "fovea/layers/channel_shuffle.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/pad.h"
#include "fovea/layers/reshape.h"
#include "fovea/layers/slice.h"
#include "fovea/layers/space_to_depth.h"
#include "fovea/layers/transpose.h"

namespace fovea {
namespace {

using testing::ElementsAre;

constexpr double kTolerance = 1e-12;  // sums of at most a few dozen values

// y of x = 0, 1, 2, ...
std::vector<float> Applied(const Layer& layer, const Shape& shape) {
  Tensor<float> x(shape), y(layer.OutputShape({&shape, 1}));
  std::iota(x.values().begin(), x.values().end(), 0.0f);
  layer.RunForward(ForwardCall<float>{{x}, {}, {}, y});
  return {y.values().begin(), y.values().end()};
}
Shape ShapeAfter(const Layer& layer, const Shape& x) { return layer.OutputShape({&x, 1}); }
double Error(const Layer& layer, const Shape& x) { return DualGradientError(layer, {x}); }

TEST(Rearrangement, ReferenceMatchesDual) {
  EXPECT_LE(Error(Reshape({{-1, 4}}), {2, 3, 2, 4}), kTolerance);
  EXPECT_LE(Error(Transpose({{3, 1, 2}}), {2, 3, 2, 4}), kTolerance);
  EXPECT_LE(Error(Transpose({{2, 1, 4, 3}}), {2, 3, 2, 4, 2}), kTolerance);
  EXPECT_LE(Error(Slice({{1, -1}, {3, 0}, {1, -1}, {1, -2}}), {2, 3, 2, 5}), kTolerance);
  for (const char* mode : {"constant", "reflect", "edge"}) {
    EXPECT_LE(Error(Pad({.padding = {2, 1, 1, 3}, .front = 1, .back = 2, .mode = mode}), {2, 3, 3, 4}),
              kTolerance);
  }
  for (const char* mode : {"DCR", "CRD"}) {
    EXPECT_LE(Error(DepthToSpace({3, mode}), {2, 18, 2, 3}), kTolerance);
    EXPECT_LE(Error(SpaceToDepth({2, mode}), {2, 3, 4, 6}), kTolerance);
  }
  EXPECT_LE(Error(ChannelShuffle({3}), {2, 6, 2, 3}), kTolerance);
}

TEST(Reshape, KeepsAndInfersExtents) {
  EXPECT_EQ(ShapeAfter(Reshape({{0, -1}}), {5, 3, 2, 4}), (Shape{5, 3, 8}));
  EXPECT_EQ(ShapeAfter(Reshape({{2, 3, 2, 2, 1}}), {5, 3, 2, 4}), (Shape{5, 2, 3, 2, 2, 1}));
  EXPECT_EQ(ShapeAfter(Reshape(ReshapeOptions{}), {5, 1, 1}), (Shape{5}));
  EXPECT_THROW(ShapeAfter(Reshape({{-1, 5}}), {5, 3, 2, 4}), ShapeError);
  EXPECT_THROW(ShapeAfter(Reshape({{-1, -1}}), {5, 24}), ShapeError);
  EXPECT_THROW(ShapeAfter(Reshape({{25}}), {5, 24}), ShapeError);
  EXPECT_THROW(ShapeAfter(Reshape({{24, 0}}), {5, 24}), ShapeError);
  EXPECT_THROW(Reshape({{-2}}), ArgumentError);
}

TEST(Transpose, MovesAxesAndKeepsTheBatch) {
  EXPECT_EQ(ShapeAfter(Transpose({{2, 3, 1}}), {5, 3, 2, 4}), (Shape{5, 2, 4, 3}));
  EXPECT_THAT(Applied(Transpose({{2, 1}}), {2, 2, 3}), ElementsAre(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11));
  EXPECT_THROW(ShapeAfter(Transpose({{1, 0, 2}}), {5, 3, 2, 4}), ShapeError);
  EXPECT_THROW(ShapeAfter(Transpose({{1, 1, 2}}), {5, 3, 2, 4}), ShapeError);
  EXPECT_THROW(ShapeAfter(Transpose({{2, 1}}), {5, 3, 2, 4}), ShapeError);
}

TEST(Slice, CountsFromTheEndClampsAndWalksBack) {
  const Shape x{2, 5};
  EXPECT_THAT(Applied(Slice({{1}, {3}}), x), ElementsAre(1, 2, 6, 7));
  EXPECT_THAT(Applied(Slice({{-2}, {INT64_MAX}}), x), ElementsAre(3, 4, 8, 9));
  EXPECT_THAT(Applied(Slice({{0}, {5}, {-1}, {3}}), x), ElementsAre(0, 3, 5, 8));
  EXPECT_THAT(Applied(Slice({{9}, {INT64_MIN}, {}, {-2}}), x), ElementsAre(4, 2, 0, 9, 7, 5));
  EXPECT_THAT(Applied(Slice({{0}, {1}, {}, {INT64_MAX}}), x), ElementsAre(0, 5));
  EXPECT_EQ(ShapeAfter(Slice({{1, 0}, {3, 2}, {3, 1}}), {4, 3, 2, 9}), (Shape{4, 2, 2, 2}));
  EXPECT_THROW(ShapeAfter(Slice({{3}, {3}}), x), ShapeError);
  EXPECT_THROW(ShapeAfter(Slice({{0}, {1}, {0}}), x), ShapeError);  // the batch
  EXPECT_THROW(Slice({{0}, {1, 2}}), ArgumentError);
  EXPECT_THROW(Slice({{0}, {1}, {1}, {0}}), ArgumentError);
}

TEST(Pad, EachModeFillsAsStated) {
  const Shape x{1, 1, 1, 3};
  EXPECT_THAT(Applied(Pad({.padding = {0, 2, 0, 1}, .value = 9}), x), ElementsAre(9, 9, 0, 1, 2, 9));
  EXPECT_THAT(Applied(Pad({.padding = {0, 2, 0, 1}, .mode = "reflect"}), x), ElementsAre(2, 1, 0, 1, 2, 1));
  EXPECT_THAT(Applied(Pad({.padding = {0, 2, 0, 1}, .mode = "edge"}), x), ElementsAre(0, 0, 0, 1, 2, 2));
  EXPECT_THAT(Applied(Pad({.front = 1, .back = 1}), {1, 1, 1, 2}), ElementsAre(0, 0, 0, 1, 0, 0));
  EXPECT_EQ(ShapeAfter(Pad({.padding = {1, 2, 3, 4}, .front = 5}), {2, 3, 4, 5}), (Shape{2, 8, 8, 11}));
  EXPECT_THROW(ShapeAfter(Pad({.padding = {0, 3, 0, 0}, .mode = "reflect"}), x), ShapeError);
}

// One pixel of eight channels 0..7 to blocks of 2x2.
TEST(DepthToSpace, ModesOrderTheChannels) {
  EXPECT_THAT(Applied(DepthToSpace({2, "DCR"}), {1, 8, 1, 1}), ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
  EXPECT_THAT(Applied(DepthToSpace({2, "CRD"}), {1, 8, 1, 1}), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THROW(ShapeAfter(DepthToSpace({2}), {1, 6, 1, 1}), ShapeError);
}

TEST(SpaceToDepth, IsTheInverse) {
  for (const char* mode : {"DCR", "CRD"}) {
    const Shape x{2, 12, 3, 2};
    Tensor<float> a(x), b({2, 3, 6, 4}), c(x);
    std::iota(a.values().begin(), a.values().end(), 0.0f);
    DepthToSpace({2, mode}).RunForward(ForwardCall<float>{{a}, {}, {}, b});
    SpaceToDepth({2, mode}).RunForward(ForwardCall<float>{{b}, {}, {}, c});
    EXPECT_TRUE(std::equal(a.values().begin(), a.values().end(), c.data()));
  }
  EXPECT_THROW(ShapeAfter(SpaceToDepth({2}), {1, 6, 3, 4}), ShapeError);
}

// Darknet's reorg_cpu, as forward_reorg_layer calls it, on the sample of a map (C,H,W).
TEST(SpaceToDepth, BetweenReshapesIsDarknetsReorg) {
  const int64_t c = 8, h = 4, w = 6, s = 2, out_c = c / (s * s);
  std::vector<float> want;
  for (int64_t k = 0; k < c; k++)
    for (int64_t j = 0; j < h; j++)
      for (int64_t i = 0; i < w; i++) {
        const int64_t offset = k / out_c, w2 = i * s + offset % s, h2 = j * s + offset / s;
        want.push_back(static_cast<float>(w2 + w * s * (h2 + h * s * (k % out_c))));
      }
  EXPECT_EQ(Applied(SpaceToDepth({s}), {1, out_c, h * s, w * s}), want);
}

TEST(ChannelShuffle, IsReshapeTransposeReshape) {
  EXPECT_THAT(Applied(ChannelShuffle({2}), {1, 6, 1, 1}), ElementsAre(0, 3, 1, 4, 2, 5));
  const std::vector<float> swapped = Applied(Transpose({{2, 1, 3}}), {2, 3, 4, 5});  // of (g, C/g) and pixels
  EXPECT_EQ(Applied(ChannelShuffle({3}), {2, 12, 1, 5}), swapped);
  EXPECT_THROW(ShapeAfter(ChannelShuffle({4}), {1, 6, 1, 1}), ShapeError);
}

}  // namespace
}  // namespace fovea
