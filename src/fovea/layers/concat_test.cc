#include "fovea/layers/concat.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(Concat, ReferenceMatchesDual) {
  EXPECT_LE(DualGradientError(Concat(), {{2, 3, 4, 5}, {2, 1, 4, 5}, {2, 20, 4, 5}}), 1e-12);
  EXPECT_LE(DualGradientError(Concat(), {{3, 4}, {3, 2}}), 1e-12);
  EXPECT_LE(DualGradientError(Concat({.axis = 2}), {{2, 3, 4, 5}, {2, 3, 1, 5}}), 1e-12);
  EXPECT_LE(DualGradientError(Concat({.axis = 3}), {{2, 3, 4, 1}, {2, 3, 4, 5}, {2, 3, 4, 2}}), 1e-12);
}

TEST(Concat, ChannelsFollowEachOther) {
  Tensor<float> a({2, 1, 1, 2}), b({2, 2, 1, 2}), y({2, 3, 1, 2});
  for (int64_t i = 0; i < a.size(); i++) a[i] = static_cast<float>(i);
  for (int64_t i = 0; i < b.size(); i++) b[i] = static_cast<float>(10 + i);
  Concat().RunForward(ForwardCall<float>{{a, b}, {}, {}, y});
  EXPECT_THAT(y.values(), testing::ElementsAre(0, 1, 10, 11, 12, 13, 2, 3, 14, 15, 16, 17));
}

TEST(Concat, RowsFollowEachOtherInEachChannel) {
  Tensor<float> a({1, 2, 1, 2}), b({1, 2, 2, 2}), y({1, 2, 3, 2});
  for (int64_t i = 0; i < a.size(); i++) a[i] = static_cast<float>(i);
  for (int64_t i = 0; i < b.size(); i++) b[i] = static_cast<float>(10 + i);
  Concat({.axis = 2}).RunForward(ForwardCall<float>{{a, b}, {}, {}, y});
  EXPECT_THAT(y.values(), testing::ElementsAre(0, 1, 10, 11, 12, 13, 2, 3, 14, 15, 16, 17));
}

TEST(Concat, RefusesOtherDifferences) {
  for (const Shape& other : {Shape{2, 3, 4, 4}, Shape{1, 3, 4, 5}, Shape{2, 3}}) {
    const std::vector<Shape> x{{2, 3, 4, 5}, other};
    EXPECT_THROW(Concat().OutputShape(x), ShapeError) << other.ToString();
  }
  EXPECT_THROW(Concat({.axis = 2}).OutputShape({{Shape{2, 3, 4, 5}, Shape{2, 1, 4, 5}}}), ShapeError);
  EXPECT_THROW(Concat({.axis = 2}).OutputShape({{Shape{2, 3}}}), ShapeError);
}

}  // namespace
}  // namespace fovea
