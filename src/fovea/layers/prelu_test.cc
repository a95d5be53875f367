#include "fovea/layers/prelu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(Prelu, ReferenceMatchesDual) {
  for (const bool per_channel : {false, true}) {
    const Prelu layer({.per_channel = per_channel});
    EXPECT_LE(DualGradientError(layer, {{2, 3, 4, 5}}, {.distinct = true}), 1e-12);
    EXPECT_LE(DualGradientError(layer, {{7, 3}}, {.distinct = true}), 1e-12);
  }
}

TEST(Prelu, AtZeroTheGradientIsThatFromBelow) {
  Tensor<float> x({1, 3}), y({1, 3}), w({3}, 0.5f), dy({1, 3}, 2.0f), dx({1, 3}), dw({3}, 10.0f);
  x[1] = -4, x[2] = std::nanf("");
  Prelu({.per_channel = true}).RunForward(ForwardCall<float>{{x}, {w}, {}, y});
  Prelu({.per_channel = true}).RunBackward(BackwardCall<float>{{x}, {w}, {}, dy, {dx}, {dw}});
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(y[1], -2);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_EQ(dx[0], 1);
  EXPECT_EQ(dx[1], 1);
  EXPECT_EQ(dw[0], 10);
  EXPECT_EQ(dw[1], 10 - 8);  // accumulated
}

TEST(Prelu, NeedsChannels) {
  const Shape x{3};
  EXPECT_THROW(Prelu().OutputShape({&x, 1}), ShapeError);
}

TEST(Prelu, ItsSlopesStartAsAskedAndDoNotDecay) {
  const Shape x{1, 6, 2, 2};
  const ParameterSpec each = Prelu({.per_channel = true, .init = 0.1}).Parameters(std::vector<Shape>{x})[0];
  EXPECT_EQ(each.shape, Shape({6}));
  EXPECT_EQ(each.init.value, 0.1);
  EXPECT_NE(each.role, Role::kWeight);
  EXPECT_EQ(Prelu().Parameters(std::vector<Shape>{x})[0].shape, Shape({1}));
}

}  // namespace
}  // namespace fovea
