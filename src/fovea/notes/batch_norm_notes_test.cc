#include <array>

#include "fovea/layers/batch_norm.h"
#include "fovea/notes/affine_batch_norm_relu.h"
#include "fovea/notes/batch_norm.h"
#include "fovea/notes/darknet_batch_norm.h"
#include "fovea/notes/notes_check.h"
#include "fovea/tensor/dual.h"

namespace fovea::notes {
namespace {

struct Truth {
  Tensor<double> y, dx, dgamma, dbeta;
};

Truth Layer(const Tensor<double>& x, const Tensor<double>& gamma, const Tensor<double>& beta,
            const Tensor<double>& dy, bool frozen = false, double variance = 1) {
  const fovea::BatchNorm layer({.eps = kEps, .frozen = frozen});
  Tensor<double> mean(gamma.shape()), var(gamma.shape(), variance);
  Truth t{Tensor<double>(x.shape()), Tensor<double>(x.shape()), Tensor<double>(gamma.shape()),
          Tensor<double>(gamma.shape())};
  layer.RunForward(ForwardCall<double>{{x}, {gamma, beta}, {mean, var}, t.y, Mode::kTraining});
  layer.RunBackward(BackwardCall<double>{
      {x}, {gamma, beta}, {mean, var}, dy, {t.dx}, {t.dgamma, t.dbeta}, Mode::kTraining});
  return t;
}

class BatchNormNotes : public testing::Test {
 protected:
  const Shape shape_{3, 4, 5, 2};
  const Tensor<double> x_ = Draw(shape_, 1), dy_ = Draw(shape_, 2), gamma_ = Draw({4}, 3),
                       beta_ = Draw({4}, 4);
  const Truth truth_ = Layer(x_, gamma_, beta_, dy_);
};

TEST_F(BatchNormNotes, OneExpressionEqualsTheLayer) {
  EXPECT_LE(Difference(SpatialBatchNorm(x_, gamma_, beta_), truth_.y), kTolerance);
  const NormGradients g = SpatialBatchNormBackward(dy_, x_, gamma_);
  EXPECT_LE(Difference(g.dx, truth_.dx), kTolerance);
  EXPECT_LE(Difference(g.dgamma, truth_.dgamma), kTolerance);
  EXPECT_LE(Difference(g.dbeta, truth_.dbeta), kTolerance);
}

TEST_F(BatchNormNotes, ReshapingToRowsEqualsTheLayer) {
  EXPECT_LE(Difference(FromRows(BatchNorm1d(ToRows(x_), gamma_, beta_), shape_), truth_.y), kTolerance);
  const NormGradients g = BatchNorm1dBackward(ToRows(dy_), ToRows(x_), gamma_);
  EXPECT_LE(Difference(FromRows(g.dx, shape_), truth_.dx), kTolerance);
  EXPECT_LE(Difference(g.dgamma, truth_.dgamma), kTolerance);
}

// E38: without exchanging axes a "channel" is every C-th number, and the true channels keep their means.
TEST_F(BatchNormNotes, TheWrongReshapeLeavesTheChannelsAsTheyWere) {
  Tensor<double> x = x_;
  for (int64_t i = 0; i < x.size(); i++) x[i] += static_cast<double>(i / 10 % 4);  // channel means 0, 1, 2, 3
  const Tensor<double> one({4}, 1.0), zero({4});
  const auto spread = [&](const Tensor<double>& y) {
    double low = 1e9, high = -1e9;
    for (int64_t c = 0; c < 4; c++) {
      double mean = 0;
      for (int64_t i = 0; i < y.size(); i++) mean += i / 10 % 4 == c ? y[i] / 30 : 0;
      low = std::min(low, mean), high = std::max(high, mean);
    }
    return high - low;
  };
  Tensor<double> wrong(shape_);
  const Tensor<double> rows = BatchNorm1d(WrongRows(x), one, zero);
  std::copy(rows.values().begin(), rows.values().end(), wrong.data());
  EXPECT_LT(spread(SpatialBatchNorm(x, one, zero)), 1e-12);
  EXPECT_GT(spread(wrong), 1);
}

TEST_F(BatchNormNotes, DarknetsSixStepsEqualTheLayer) {
  const NormGradients g = DarknetBackward(dy_, x_, gamma_);
  EXPECT_LE(Difference(g.dx, truth_.dx), kTolerance);
  EXPECT_LE(Difference(g.dgamma, truth_.dgamma), kTolerance);
  EXPECT_LE(Difference(g.dbeta, truth_.dbeta), kTolerance);
}

// E30, E31: the printed variance term and the other order are far off, not a little.
TEST_F(BatchNormNotes, DarknetsPrintedFormulaAndWrongOrderErr) {
  EXPECT_GT(Difference(DarknetBackward(dy_, x_, gamma_, DarknetOrder::kScaleLast).dx, truth_.dx), 0.01);
  EXPECT_GT(Difference(DarknetBackward(dy_, x_, gamma_, DarknetOrder::kVarianceAsPrinted).dx, truth_.dx),
            0.01);
}

// E28, E32: with rolling statistics the mean and variance terms are absent; keeping them is far off.
TEST_F(BatchNormNotes, FrozenStatisticsAreConstants) {
  const Truth frozen = Layer(x_, gamma_, beta_, dy_, true, 0.7);
  EXPECT_LE(Difference(DarknetBackwardFrozen(dy_, gamma_, Tensor<double>({4}, 0.7)), frozen.dx), kTolerance);
  EXPECT_GT(Difference(truth_.dx, frozen.dx), 0.05);
}

// E33: a variance over m - 1 is not the one that the backward pass assumes: off by m/(m - 1).
TEST_F(BatchNormNotes, DarknetDividesByOneLess) {
  double mean = 0, square = 0;
  for (int64_t n = 0; n < 3; n++)
    for (int64_t i = 0; i < 10; i++) mean += x_[n * 40 + i] / 30;
  for (int64_t n = 0; n < 3; n++)
    for (int64_t i = 0; i < 10; i++) square += (x_[n * 40 + i] - mean) * (x_[n * 40 + i] - mean) / 30;
  EXPECT_NEAR(DarknetVariance(x_, 0) / square, 30.0 / 29, 1e-12);
}

// The worked entries of the note (E34 mended), against dual numbers.
TEST_F(BatchNormNotes, TheJacobianOfTheNormalisedValue) {
  const Tensor<double> x = Draw({5, 3}, 7), one({3}, 1.0), zero({3});
  const double step = 1e-6;
  for (const auto& [k, l, i, j] :
       {std::array<int64_t, 4>{0, 0, 0, 0}, {0, 1, 0, 1}, {1, 1, 0, 1}, {1, 1, 1, 1}, {0, 1, 0, 0}}) {
    Tensor<double> up = x, down = x;
    up(i, j) += step, down(i, j) -= step;
    const double difference =
        (BatchNorm1d(up, one, zero)(k, l) - BatchNorm1d(down, one, zero)(k, l)) / (2 * step);
    EXPECT_NEAR(NormJacobian(x, k, l, i, j), difference,
                1e-8);  // of a central difference with a step of 1e-6
  }
}

// Item 22: every gradient of the chain; E36: the gate of the ReLU; E37: db is 0 identically.
TEST(AffineBatchNormReluNotes, EveryGradientIsTheDerivative) {
  const Shape shapes[] = {{6, 4}, {4, 3}, {3}, {3}, {3}};
  std::vector<Tensor<double>> p;
  for (uint64_t i = 0; i < 5; i++) p.push_back(Draw(shapes[i], 20 + i));
  const auto forward = [&] { return AffineBatchNormRelu(p[0], p[1], p[2], p[3], p[4]); };
  const Tensor<double> da = Draw({6, 3}, 30);
  const SandwichGradients g = AffineBatchNormReluBackward(da, p[0], p[1], p[2], p[3], p[4]);
  const Tensor<double>* gradients[] = {&g.dx, &g.dw, &g.db, &g.dgamma, &g.dbeta};
  const double step = 1e-6;
  for (std::size_t t = 0; t < 5; t++) {
    for (int64_t i = 0; i < p[t].size(); i++) {
      const double keep = p[t][i];
      double loss[2] = {0, 0};
      for (int side = 0; side < 2; side++) {
        p[t][i] = keep + (side == 0 ? step : -step);
        const Tensor<double> a = forward();
        for (int64_t j = 0; j < a.size(); j++) loss[side] += da[j] * a[j];
      }
      p[t][i] = keep;
      EXPECT_NEAR((*gradients[t])[i], (loss[0] - loss[1]) / (2 * step), 1e-7);  // of a central difference
    }
  }
  for (double v : g.db.values()) EXPECT_NEAR(v, 0, 1e-13);
}

}  // namespace
}  // namespace fovea::notes
