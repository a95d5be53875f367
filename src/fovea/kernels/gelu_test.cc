// GELU against double arithmetic, and the same bits for every instruction set.
#include "fovea/kernels/isa/gelu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

struct Exact {
  double share, slope;
};

Exact GateAt(double x, bool tanh_form) {
  if (!tanh_form) return {std::erfc(-x / std::sqrt(2)) / 2, std::exp(-x * x / 2) / std::sqrt(2 * M_PI)};
  const double root = std::sqrt(2 / M_PI), share = 1 / (1 + std::exp(-2 * root * (x + 0.044715 * x * x * x)));
  return {share, share * (1 - share) * 2 * root * (1 + 3 * 0.044715 * x * x)};
}

// Of the share: an exponential within 4 * 2^-24, a quotient, a polynomial and their products; the exponent is rounded
// once, or in the tanh form three times, and its error counts as much as it is large.
double Tolerance(double x, bool tanh_form) {
  const double exponent = tanh_form ? 3 * std::abs(1.6 * x + 0.0714 * x * x * x) : x * x / 2;
  return (8 + exponent) * 0x1p-24;
}

TEST(Gelu, KernelMatchesReference) {
  constexpr std::size_t kCount = 1 << 18;
  std::vector<float> x(kCount), dy(kCount);
  for (std::size_t i = 0; i < kCount; i++) {
    x[i] = -8.0f + static_cast<float>(i) * (16.0f / kCount);
    dy[i] = static_cast<float>(i % 7) - 3;
  }
  for (const bool tanh_form : {false, true}) {
    std::vector<float> first_y, first_dx;
    for (const std::string& isa : AvailableIsas()) {
      SCOPED_TRACE(isa);
      const GeluTable<float>& gelu = KernelsFor(isa).single.gelu;
      std::vector<float> y(kCount), streamed(kCount + 16), dx(kCount, 2.0f), assigned = dy;
      gelu.forward(x.data(), kCount / 16, tanh_form, false, y.data());
      gelu.backward(x.data(), dy.data(), kCount / 16, tanh_form, true, dx.data());
      gelu.backward(x.data(), assigned.data(), kCount / 16, tanh_form, false, assigned.data());
      for (std::size_t i = 0; i < kCount; i++) {
        const double v = x[i], g = dy[i];
        const Exact gate = GateAt(v, tanh_form);
        ASSERT_NEAR(y[i], v * gate.share, Tolerance(v, tanh_form) * std::abs(v) * gate.share + 1e-37) << v;
        // A few roundings of values up to 3; in the tanh form 1 - share is rounded near 1, then times up to 40.
        ASSERT_NEAR(assigned[i], g * (gate.share + v * gate.slope), tanh_form ? 1e-5 : 3e-6) << v;
        ASSERT_EQ(dx[i], 2.0f + assigned[i]);
      }
      float* aligned = streamed.data();
      while (reinterpret_cast<uintptr_t>(aligned) % 64 != 0) aligned++;
      gelu.forward(x.data(), kCount / 16, tanh_form, true, aligned);
      EXPECT_EQ(std::memcmp(y.data(), aligned, kCount * sizeof(float)), 0);
      if (first_y.empty()) first_y = y, first_dx = dx;
      EXPECT_EQ(std::memcmp(first_y.data(), y.data(), kCount * sizeof(float)), 0);
      EXPECT_EQ(std::memcmp(first_dx.data(), dx.data(), kCount * sizeof(float)), 0);
    }
  }
}

TEST(Gelu, KeepsZeroAndNanAndTheFarEnds) {
  std::vector<float> x(16), y(16);
  x[1] = std::numeric_limits<float>::quiet_NaN(), x[2] = 1e15f, x[3] = -1e15f;
  for (const std::string& isa : AvailableIsas()) {
    for (const bool tanh_form : {false, true}) {
      KernelsFor(isa).single.gelu.forward(x.data(), 1, tanh_form, false, y.data());
      EXPECT_EQ(y[0], 0) << isa;  // so the lanes behind the last channel stay zero
      EXPECT_TRUE(std::isnan(y[1])) << isa;
      EXPECT_EQ(y[2], 1e15f) << isa;
      EXPECT_EQ(y[3], 0) << isa;
    }
  }
}

}  // namespace
}  // namespace fovea
