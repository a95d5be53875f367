// Automatic padding: P = ceil(H / stride), as TensorFlow and ONNX define it.
#include "fovea/layers/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/layer_check.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/registry.h"

namespace fovea {
namespace {

TEST(Window, SamePaddingGivesTheCeilingOfTheQuotient) {
  for (int64_t h = 1; h < 12; h++) {
    for (int64_t kernel = 1; kernel < 6; kernel++) {
      for (int64_t stride = 1; stride < 5; stride++) {
        for (int64_t dilation = 1; dilation < 3; dilation++) {
          for (const char* pad : {"same", "same_lower"}) {
            const Conv2d conv({.filters = 1,
                               .kernel = {kernel, kernel},
                               .stride = {stride, stride},
                               .dilation = {dilation, dilation},
                               .auto_pad = pad});
            const Shape x{1, 1, h, h + 3};
            const Shape want{1, 1, (h + stride - 1) / stride, (h + 3 + stride - 1) / stride};
            EXPECT_EQ(conv.OutputShape({{x}}), want) << ToString(conv) << " on " << x.ToString();
          }
        }
      }
    }
  }
}

TEST(Window, TheOddRowGoesWhereTheNameSays) {
  const Shape x{1, 1, 6, 6};
  EXPECT_EQ(ResolvePadding("same", {}, x, {3, 4}, {1, 1}, {2, 1}), (Padding{0, 1, 1, 2}));
  EXPECT_EQ(ResolvePadding("same_lower", {}, x, {3, 4}, {1, 1}, {2, 1}), (Padding{1, 2, 0, 1}));
  EXPECT_EQ(ResolvePadding("none", PadAll(2), x, {3, 4}, {1, 1}, {2, 1}), PadAll(2));
}

// Whatever a file says, sums and products of extents stay within int64.
TEST(Window, RefusesDistancesBeyondAnyMap) {
  constexpr int64_t kFar = int64_t{1} << 62;
  for (const char* type : {"conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "lp_pool2d"}) {
    for (const char* name : {"kernel", "stride", "dilation", "padding"}) {
      EXPECT_THAT(MessageOf([&] {
                    MakeLayer(type, {{name, kFar}});
                  }),
                  testing::AllOf(testing::HasSubstr(std::string(type) + ": " + name),
                                 testing::HasSubstr("and 16777216")));
    }
  }
  const Shape x{1, 1, 4, 4};
  Conv2dOptions widest{.kernel = {1 << 24, 1}, .stride = {1 << 24, 1}, .dilation = {1 << 24, 1}};
  EXPECT_THROW(Conv2d(widest).OutputShape({&x, 1}), ShapeError);
  widest.auto_pad = "same";
  EXPECT_EQ(Conv2d(widest).OutputShape({&x, 1}), Shape({1, 1, 1, 4}));
}

TEST(Window, ReferenceMatchesDual) {
  for (const char* pad : {"same", "same_lower"}) {
    const Conv2d conv({.filters = 3, .kernel = {3, 2}, .stride = {2, 3}, .auto_pad = pad});
    EXPECT_LE(DualGradientError(conv, {{2, 2, 6, 7}}), 1e-12);
    Pool2dOptions max;
    max.kernel = {3, 3}, max.auto_pad = pad;
    EXPECT_LE(DualGradientError(MaxPool2d(max), {{2, 2, 6, 7}}, {.distinct = true}), 1e-12);
    AvgPool2dOptions average;
    average.kernel = {3, 3}, average.auto_pad = pad, average.count_include_pad = false;
    EXPECT_LE(DualGradientError(AvgPool2d(average), {{2, 2, 6, 7}}), 1e-12);
  }
}

}  // namespace
}  // namespace fovea
