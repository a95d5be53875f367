#include "fovea/layers/max_pool2d.h"
#include "fovea/notes/max_pool.h"
#include "fovea/notes/notes_check.h"

namespace fovea::notes {
namespace {

double Sum(TensorView<const double> t) {
  double sum = 0;
  for (double v : t.values()) sum += v;
  return sum;
}

TEST(MaxPoolNotes, EqualsTheLayerTiesIncluded) {
  for (const auto& [window, shape] : {std::pair(PoolWindow{2, 2, 2}, Shape{2, 3, 6, 5}),
                                      std::pair(PoolWindow{3, 2, 1}, Shape{1, 2, 5, 6})}) {
    Tensor<double> x = Draw(shape, 1);
    for (double& v : x.values()) v = v > 0 ? v : 0;  // as after a ReLU: ties everywhere
    const MaxPool2d layer({.kernel = {window.h, window.w}, .stride = {window.stride, window.stride}});
    Tensor<double> y(layer.OutputShape({&shape, 1})), dx(shape);
    layer.RunForward(ForwardCall<double>{{x}, {}, {}, y});
    const Tensor<double> dy = Draw(y.shape(), 2);
    layer.RunBackward(BackwardCall<double>{{x}, {}, {}, dy, {dx}});
    EXPECT_EQ(Difference(MaxPoolForward(x, window), y), 0);
    EXPECT_LE(Difference(MaxPoolDx(dy, x, window), dx), kTolerance);
  }
}

// E22: the value of a window's maximum also stands earlier in the plane, in another window.
TEST(MaxPoolNotes, PlaneWideArgmaxErrs) {
  Tensor<double> x({1, 1, 2, 4}), dy({1, 1, 1, 2});
  x[2] = 5, x[0] = 5, x[1] = 9, dy[0] = 10, dy[1] = 30;  // windows {5,9,0,0} and {5,0,0,0}
  EXPECT_EQ(MaxPoolDx(dy, x, {})[2], 30);
  const Tensor<double> wrong = MaxPoolDxPlaneWide(dy, x, {});
  EXPECT_EQ(wrong[2], 0);
  EXPECT_EQ(wrong[0], 30);  // it landed in the other window
  EXPECT_EQ(Sum(wrong), Sum(dy));
}

// E24: every tied maximum takes the full gradient, which creates gradient out of nothing.
TEST(MaxPoolNotes, AllTiesMaskErrs) {
  const Tensor<double> x({1, 1, 2, 2}, 3.0), dy({1, 1, 1, 1}, 100.0);
  EXPECT_EQ(Sum(MaxPoolDx(dy, x, {})), 100);
  EXPECT_EQ(Sum(MaxPoolDxAllTies(dy, x, {})), 400);
}

// E26: a NaN equals nothing, so the mask drops the gradient without a word; the first NaN should have it.
TEST(MaxPoolNotes, TheMaskLosesTheGradientOfANan) {
  Tensor<double> x({1, 1, 2, 2}, 7.0), dy({1, 1, 1, 1}, 1.0);
  x[2] = x[3] = std::nan("");
  EXPECT_EQ(Sum(MaxPoolDxAllTies(dy, x, {})), 0);
  EXPECT_EQ(MaxPoolDx(dy, x, {})[2], 1);
  EXPECT_TRUE(std::isnan(MaxPoolForward(x, {})[0]));
}

// E25: windows that overlap add up.
TEST(MaxPoolNotes, OverlapAddsUp) {
  Tensor<double> x({1, 1, 1, 3}), dy({1, 1, 1, 2}, 1.0);
  x[1] = 9;
  EXPECT_EQ(MaxPoolDx(dy, x, {1, 2, 1})[1], 2);
}

}  // namespace
}  // namespace fovea::notes
