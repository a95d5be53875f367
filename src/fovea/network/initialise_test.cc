#include "fovea/network/initialise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fovea {
namespace {

const RandomKey kKey{9, Purpose::kInitialise};

double Variance(TensorView<const float> w) {
  double sum = 0;
  for (const float v : w.values()) sum += static_cast<double>(v) * static_cast<double>(v);
  return sum / static_cast<double>(w.size());
}

// Of 20,000 values with kurtosis at most 3 the variance is known to 1 % (one standard error): 4 of them.
TEST(Initialise, HasItsVariance) {
  struct Case {
    Init kind;
    double variance;
  };
  const Case cases[] = {{Init::kHe, 2.0 / 50},
                        {Init::kXavier, 2.0 / (50 + 400)},
                        {Init::kMeanField, 1.0 / (50 * 50)},
                        {Init::kWhiten, 2.0 / 50}};
  for (const Case& c : cases) {
    Tensor<float> w({400, 50});
    Initialise({c.kind, 0, 50, 400}, kKey, 0, w);
    EXPECT_NEAR(Variance(w) / c.variance, 1, 0.04) << static_cast<int>(c.kind);
  }
}

// 2 groups of 6 filters on 4 channels each: 4 identities, then 2 of random values, group by group.
TEST(Initialise, PartialDiracPassesEachChannelOnOnce) {
  Tensor<float> w({12, 4, 3, 3});
  const double limit = 1 / std::sqrt(36.0);
  Initialise({Init::kPartialDirac, 0, 36, 54}, kKey, 0, w);
  for (int64_t k = 0; k < 12; k++) {
    double largest = 0, sum = 0;
    for (int64_t i = 0; i < 36; i++) {
      const double size = std::abs(static_cast<double>(w[k * 36 + i]));
      largest = std::max(largest, size), sum += size;
    }
    if (k % 6 < 4) {
      EXPECT_EQ(w(k, k % 6, 1, 1), 1);
      EXPECT_EQ(sum, 1);
    } else {
      EXPECT_LE(largest, limit);
      EXPECT_GT(sum, 8 * limit);  // the mean of 36 sizes is half the limit
    }
  }
}

TEST(Initialise, DiracOfAnEvenWindowTakesTheUpperLeftMiddle) {
  Tensor<float> w({2, 2, 2, 4});
  Initialise({Init::kDirac, 0, 16, 16}, kKey, 0, w);
  EXPECT_EQ(w(0, 0, 0, 1), 1);
  EXPECT_EQ(w(1, 1, 0, 1), 1);
  EXPECT_EQ(Variance(w) * 32, 2);
}

}  // namespace
}  // namespace fovea
