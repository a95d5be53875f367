#include "fovea/layers/conv2d.h"
#include "fovea/notes/convolution.h"
#include "fovea/notes/notes_check.h"

namespace fovea::notes {
namespace {

struct Case {
  Shape x, w;
  ConvShape s;
};
// Not square, strides that do not divide, a window as large as the map.
const Case kCases[] = {{{2, 3, 5, 6}, {4, 3, 3, 2}, {1, 1}},
                       {{1, 2, 7, 5}, {3, 2, 3, 3}, {2, 0}},
                       {{2, 1, 8, 9}, {2, 1, 2, 4}, {3, 2}},
                       {{1, 2, 4, 4}, {1, 2, 4, 4}, {1, 0}},
                       {{1, 1, 6, 7}, {2, 1, 1, 3}, {4, 1}}};

struct Truth {
  Tensor<double> y, dx, dw, db;
};

Truth Layer(const Case& c, const Tensor<double>& x, const Tensor<double>& w, const Tensor<double>& b) {
  const Conv2d layer({.filters = c.w[0],
                      .kernel = {c.w[2], c.w[3]},
                      .stride = {c.s.stride, c.s.stride},
                      .padding = PadAll(c.s.pad)});
  Truth t{Tensor<double>(layer.OutputShape({&c.x, 1})), Tensor<double>(c.x), Tensor<double>(c.w),
          Tensor<double>(b.shape())};
  layer.RunForward(ForwardCall<double>{{x}, {w, b}, {}, t.y});
  const Tensor<double> dy = Draw(t.y.shape(), 9);
  layer.RunBackward(BackwardCall<double>{{x}, {w, b}, {}, dy, {t.dx}, {t.dw, t.db}});
  return t;
}

TEST(ConvolutionNotes, EveryVariantEqualsTheLayer) {
  for (const Case& c : kCases) {
    const Tensor<double> x = Draw(c.x, 1), w = Draw(c.w, 2), b = Draw({c.w[0]}, 3);
    const Truth t = Layer(c, x, w, b);
    const Tensor<double> dy = Draw(t.y.shape(), 9);
    EXPECT_LE(Difference(ConvForward(x, w, b, c.s), t.y), kTolerance);
    EXPECT_LE(Difference(ConvDw(dy, x, c.w, c.s), t.dw), kTolerance);
    EXPECT_LE(Difference(ConvDb(dy), t.db), kTolerance);
    for (const auto dx :
         {ConvDxNineLoops, ConvDxMasks, ConvDxClosedForm, ConvDxScatter, ConvDxTurnedFilters}) {
      EXPECT_LE(Difference(dx(dy, w, c.x, c.s), t.dx), kTolerance);
    }
  }
}

// E7, E10: row h of x_pad comes from x exactly where pad <= h < H + pad.
TEST(ConvolutionNotes, PaddingKeepsTheInputAndItsDerivativeCrops) {
  const Tensor<double> x = Draw({1, 1, 4, 3}, 1), before = x;
  const Tensor<double> padded = Pad(x, 1);
  for (int64_t h = 0; h < 6; h++) {
    const bool inside = h >= 1 && h < 5;
    EXPECT_EQ(padded(int64_t{0}, int64_t{0}, h, int64_t{1}) != 0, inside);
  }
  EXPECT_EQ(Difference(PadBackward(padded, 1), before), 0);
}

// The notes' worked example, with E2 and E3 mended: y11 of a 5x5 input, 3x3 filter, stride 2 reads x[2..4][2..4].
TEST(ConvolutionNotes, TheWorkedExample) {
  const Tensor<double> x = Draw({1, 1, 5, 5}, 1), w = Draw({1, 1, 3, 3}, 2), b = Draw({1}, 3);
  const Tensor<double> y = ConvForward(x, w, b, {2, 0});
  ASSERT_EQ(y.shape(), (Shape{1, 1, 2, 2}));
  double sum = b[0];
  for (int64_t p = 0; p < 3; p++)
    for (int64_t q = 0; q < 3; q++) sum += x[(2 + p) * 5 + 2 + q] * w[p * 3 + q];
  EXPECT_NEAR(y[3], sum, kTolerance);
}

// E16: turning the filter, as a true convolution would, gives something else.
TEST(ConvolutionNotes, IsACrossCorrelation) {
  const Tensor<double> x = Draw({1, 1, 5, 5}, 1), w = Draw({1, 1, 3, 3}, 2), b({1});
  Tensor<double> turned = w;
  std::reverse(turned.values().begin(), turned.values().end());
  EXPECT_GT(Difference(ConvForward(x, turned, b, {}), ConvForward(x, w, b, {})), 0.1);
}

// E17: what the stride leaves over is not read and has gradient 0.
TEST(ConvolutionNotes, LeftOverRowsHaveNoGradient) {
  const Tensor<double> dy = Draw({1, 1, 2, 2}, 1), w = Draw({1, 1, 2, 2}, 2);
  const Tensor<double> dx = ConvDxTurnedFilters(dy, w, {1, 1, 6, 6}, {3, 0});
  for (int64_t i = 0; i < 6; i++) EXPECT_EQ(dx[5 * 6 + i], 0);
  EXPECT_NE(dx[0], 0);
}

// E8, E9: from 1, output h reads row (h - 1)*S + i; the printed h*S + i - 1 is right only for S = 1.
TEST(ConvolutionNotes, TheStrideCountsFromTheFirstOutput) {
  const Tensor<double> w({1, 1, 3, 1}, 1.0), b({1});
  for (const int64_t stride : {1, 2, 3}) {
    const ConvShape s{stride, 0};
    for (int64_t row = 1; row <= 9; row++) {
      Tensor<double> x({1, 1, 9, 1});
      x[row - 1] = 1;
      const Tensor<double> y = ConvForward(x, w, b, s);
      for (int64_t h = 1; h <= y.size(); h++) {
        const auto reads = [&](int64_t first) { return row >= first && row < first + 3; };
        EXPECT_EQ(y[h - 1] != 0, reads((h - 1) * stride + 1));
        if (stride == 1) {
          EXPECT_EQ(y[h - 1] != 0, reads(h * stride));
        }
      }
    }
    const Tensor<double> first = ConvForward(Draw({1, 1, 9, 1}, 1), w, b, s);
    Tensor<double> one(first.shape());
    one[0] = 1;
    const Tensor<double> dx = ConvDxClosedForm(one, w, {1, 1, 9, 1}, s);
    for (int64_t row = 1; row <= 9; row++) EXPECT_EQ(dx[row - 1] != 0, row <= 3);
  }
}

}  // namespace
}  // namespace fovea::notes
