#include "fovea/layers/dropout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fovea/layers/layer_check.h"

namespace fovea {
namespace {

TEST(Dropout, ReferenceMatchesDual) {
  // One product an element.
  EXPECT_LE(DualGradientError(Dropout({.rate = 0.3}), {{2, 3, 4, 5}}), 1e-15);
  EXPECT_EQ(DualGradientError(Dropout({.rate = 0.3}), {{2, 7}}, {.mode = Mode::kInference}), 0);
}

Tensor<float> Forward(double rate, const std::vector<int64_t>& samples, int64_t features) {
  Tensor<float> x({static_cast<int64_t>(samples.size()), features}, 1.0f), y(x.shape());
  Dropout({.rate = rate})
      .RunForward(ForwardCall<float>{{x}, {}, {}, y, Mode::kTraining, {{9, Purpose::kDropout, 4}, samples}});
  return y;
}

TEST(Dropout, KeepsTheMeanAndTheRate) {
  const auto y = Forward(0.25, {0, 1, 2, 3}, 25000);
  const auto dropped = std::count(y.values().begin(), y.values().end(), 0.0f);
  EXPECT_NEAR(static_cast<double>(dropped) / 1e5, 0.25,
              5 * std::sqrt(0.25 * 0.75 / 1e5));  // five standard errors
  EXPECT_EQ(*std::max_element(y.values().begin(), y.values().end()), 1 / 0.75f);
}

TEST(Dropout, DependsOnTheSampleAndNotOnItsPlaceInTheBatch) {
  const auto alone = Forward(0.5, {42}, 64), among = Forward(0.5, {7, 42}, 64);
  for (int64_t i = 0; i < 64; i++) EXPECT_EQ(alone(0, i), among(1, i));
  EXPECT_FALSE(std::equal(alone.data(), alone.data() + 64, among.data()));
}

}  // namespace
}  // namespace fovea
