// Rows of scores against double arithmetic, and the same bits for every instruction set.
#include "fovea/kernels/isa/row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> Draw(int64_t count, double size, uint64_t index) {
  std::vector<float> x(static_cast<std::size_t>(count));
  RandomStream random({31}, index);
  for (float& v : x) v = static_cast<float>(random.Normal() * size);
  return x;
}

TEST(Row, ExpIsWithinTwoUnitsInTheLastPlace) {
  constexpr int kCount = 1 << 20;
  std::vector<float> x(kCount), first;
  for (std::size_t i = 0; i < kCount; i++) x[i] = -105.0f + static_cast<float>(i) * (195.0f / kCount);
  const float special[] = {0.0f,      -0.0f,      -104.0f,
                           -103.0f,   88.7f,      89.0f,
                           kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()};
  std::copy(std::begin(special), std::end(special), x.begin());
  for (const std::string& isa : AvailableIsas()) {
    SCOPED_TRACE(isa);
    std::vector<float> y(kCount);
    KernelsFor(isa).row.exp(x.data(), kCount, y.data());
    for (std::size_t i = 0; i < kCount; i++) {
      const double want = std::exp(static_cast<double>(x[i]));
      if (std::isnan(x[i])) {
        EXPECT_TRUE(std::isnan(y[i]));
      } else if (want > std::numeric_limits<float>::max()) {
        EXPECT_EQ(y[i], kInfinity) << x[i];
      } else {
        const auto rounded = static_cast<float>(want);
        const double unit =
            static_cast<double>(std::nextafter(rounded, kInfinity)) - static_cast<double>(rounded);
        ASSERT_LE(std::abs(static_cast<double>(y[i]) - want), 2 * unit) << x[i];
      }
    }
    if (first.empty()) first = y;
    EXPECT_EQ(std::memcmp(first.data(), y.data(), kCount * sizeof(float)), 0);
  }
}

TEST(Row, SoftmaxMatchesDouble) {
  for (int64_t count : {1, 2, 10, 15, 16, 17, 33, 1000}) {
    const auto n = static_cast<std::size_t>(count);
    const std::vector<float> x = Draw(count, 20, 1), dy = Draw(count, 1, 2);
    std::vector<float> first;
    for (const std::string& isa : AvailableIsas()) {
      SCOPED_TRACE(isa + " " + std::to_string(count));
      std::vector<float> y(n), dx(n);
      float top = 0, sum = 0;
      KernelsFor(isa).row.softmax(x.data(), count, y.data(), &top, &sum);
      KernelsFor(isa).row.softmax_backward(y.data(), dy.data(), count, dx.data());
      double want_sum = 0, dot = 0;
      for (float v : x) want_sum += std::exp(static_cast<double>(v) - static_cast<double>(top));
      EXPECT_EQ(top, *std::max_element(x.begin(), x.end()));
      EXPECT_NEAR(static_cast<double>(sum), want_sum, 1e-6 * want_sum);
      std::vector<double> want(n);
      for (std::size_t i = 0; i < n; i++) {
        want[i] = std::exp(static_cast<double>(x[i]) - static_cast<double>(top)) / want_sum;
        dot += want[i] * static_cast<double>(dy[i]);
      }
      for (std::size_t i = 0; i < n; i++) {
        // x - top is rounded to float before the exponential: its last place counts as much as it is long.
        const double distance = static_cast<double>(top) - static_cast<double>(x[i]);
        EXPECT_NEAR(static_cast<double>(y[i]), want[i], (distance + 16) * 0x1p-24 * want[i] + 1e-37);
        EXPECT_NEAR(static_cast<double>(dx[i]), want[i] * (static_cast<double>(dy[i]) - dot), 4e-6);
      }
      if (first.empty()) first = dx;
      EXPECT_EQ(std::memcmp(first.data(), dx.data(), n * sizeof(float)), 0);
    }
  }
}

TEST(Row, SoftmaxOfANaNIsNaN) {
  for (std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{18}}) {
    std::vector<float> x = Draw(20, 1, 3), y(20);
    x[at] = std::numeric_limits<float>::quiet_NaN();
    float top = 0, sum = 0;
    Kernels().row.softmax(x.data(), 20, y.data(), &top, &sum);
    EXPECT_TRUE(std::isnan(sum));
    for (float v : y) EXPECT_TRUE(std::isnan(v));
  }
}

}  // namespace
}  // namespace fovea
