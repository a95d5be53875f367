#include "fovea/tensor/shape.h"

#include <gtest/gtest.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

TEST(Shape, CountsItsElements) {
  EXPECT_EQ((Shape{2, 3, 4, 5}).Size(), 120);
  EXPECT_EQ(Shape().Size(), 1);
  EXPECT_EQ((Shape{0, 3}).Size(), 0);
}

TEST(Shape, RefusesImpossibleExtents) {
  EXPECT_THROW((Shape{2, -1}), ShapeError);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1, 1, 1}), ShapeError);
  EXPECT_THROW((Shape{int64_t{1} << 40, int64_t{1} << 40}), Error);
}

TEST(Shape, ReadsWhatItPrints) {
  EXPECT_EQ(ParseShape("3x32x32"), (Shape{3, 32, 32}));
  EXPECT_EQ(ParseShape((Shape{7, 1, 9}).ToString()), (Shape{7, 1, 9}));
  for (const char* bad :
       {"", "x", "3x", "3x-1", "0x3", "3,32", "99999999999999999999", "1x1x1x1x1x1x1", "3x3 "}) {
    EXPECT_THROW(ParseShape(bad), ArgumentError) << bad;
  }
}

}  // namespace
}  // namespace fovea
