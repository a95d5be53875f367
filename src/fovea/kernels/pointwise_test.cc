// Functions of one element against double arithmetic, and the same bits for every instruction set.
#include "fovea/kernels/isa/pointwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <vector>

#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

struct Exact {
  double value, slope;
};

// A curve, its equation, and the errors that it may have: a share of the value and an absolute one, and of the slope.
struct Case {
  Curve curve;
  std::function<Exact(double)> at;
  double relative = 8 * 0x1p-24, absolute = 1e-37, slope = 1e-6;
  double low = -12, high = 12;
  std::function<double(double)> besides = [](double) { return 0.0; };  // added to `relative`, in 2^-24
};

Exact Gelu(double x) {
  const double share = std::erfc(-x / std::sqrt(2)) / 2;
  return {x * share, share + x * std::exp(-x * x / 2) / std::sqrt(2 * M_PI)};
}
Exact GeluTanh(double x) {
  const double root = std::sqrt(2 / M_PI), share = 1 / (1 + std::exp(-2 * root * (x + 0.044715 * x * x * x)));
  return {x * share, share + x * share * (1 - share) * 2 * root * (1 + 3 * 0.044715 * x * x)};
}
Exact Unit(double x, double above, double height, double rate) {
  if (x > 0) return {above * x, above};
  return {height * std::expm1(rate * x), height * rate * std::exp(rate * x)};
}
double Logistic(double x) { return 1 / (1 + std::exp(-x)); }
Exact Mish(double x) {
  const double t = std::tanh(std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))));
  return {x * t, t + x * (1 - t * t) * Logistic(x)};
}
Exact Silu(double x) {
  const double s = Logistic(x);
  return {x * s, s + x * s * (1 - s)};
}
Exact Softplus(double x, double rate, double threshold) {
  const double u = rate * x;
  if (u > threshold) return {x, 1};
  return {(std::max(u, 0.0) + std::log1p(std::exp(-std::abs(u)))) / rate, Logistic(u)};
}

std::vector<Case> Cases() {
  using K = CurveKind;
  std::vector<Case> cases = {
      // The share is an exponential within 4 * 2^-24, a quotient, a polynomial and their products; its exponent is rounded once, in
      // the tanh form three times, and its error counts as much as it is large. In the tanh form's slope 1 - share is rounded near 1,
      // then times up to 40.
      {.curve = {K::kGelu}, .at = Gelu, .slope = 3e-6, .besides = [](double x) { return x * x / 2; }},
      {.curve = {K::kGeluTanh},
       .at = GeluTanh,
       .slope = 1e-5,
       .low = -8,
       .high = 8,
       .besides = [](double x) { return 3 * std::abs(1.6 * x + 0.0714 * x * x * x); }},
      {.curve = {.kind = K::kExponentialUnit, .height = 0.3f},
       .at = [](double x) { return Unit(x, 1, 0.3f, 1); }},
      // The exponent is rounded.
      {.curve = {.kind = K::kExponentialUnit, .above = 1.05f, .height = 1.75f, .rate = 0.7f},
       .at = [](double x) { return Unit(x, 1.05f, 1.75f, 0.7f); },
       .besides = [](double x) { return std::abs(x); }},
      {.curve = {K::kSigmoid},
       .at =
           [](double x) {
             return Exact{Logistic(x), Logistic(x) * Logistic(-x)};
           },
       .low = -80,
       .high = 80},
      {.curve = {K::kTanh},
       .at =
           [](double x) {
             return Exact{std::tanh(x), 1 / std::pow(std::cosh(x), 2)};
           }},
      {.curve = {K::kSoftsign},
       .at =
           [](double x) {
             const double d = 1 + std::abs(x);
             return Exact{x / d, 1 / (d * d)};
           }},
      // Near -3 the line is a difference.
      {.curve = {.kind = K::kHardsigmoid, .rate = 0.3f, .offset = 0.4f},
       .at =
           [](double x) {
             const double line = static_cast<double>(0.3f) * x + static_cast<double>(0.4f);
             return Exact{std::min(std::max(line, 0.0), 1.0),
                          line > 0 && line < 1 ? static_cast<double>(0.3f) : 0};
           },
       .absolute = 1e-7},
      {.curve = {K::kSilu}, .at = Silu, .low = -80, .high = 80},
      {.curve = {K::kMish}, .at = Mish, .relative = 16 * 0x1p-24, .low = -40, .high = 40},
      {.curve = {K::kHardswish},
       .at =
           [](double x) {
             if (x <= -3 || x >= 3) return Exact{x < 0 ? 0 : x, x < 0 ? 0.0 : 1.0};
             return Exact{x * (x + 3) / 6, x / 3 + 0.5};
           }},
      {.curve = {K::kSoftplus},
       .at = [](double x) { return Softplus(x, 1, INFINITY); },
       .low = -80,
       .high = 80},
      {.curve = {.kind = K::kSoftplus, .rate = 3, .high = 2.0005f},
       .at = [](double x) { return Softplus(x, 3, 2.0005f); },
       .besides = [](double x) { return 3 * std::abs(x); }},
      {.curve = {.kind = K::kSoftplus, .rate = -1},
       .at = [](double x) { return Softplus(x, -1, INFINITY); },
       .low = -80,
       .high = 80},
      {.curve = {.kind = K::kClip, .low = -1.5f, .high = 2},
       .at =
           [](double x) {
             return Exact{std::min(std::max(x, -1.5), 2.0), x >= -1.5 && x <= 2 ? 1.0 : 0.0};
           }},
      {.curve = {K::kExp},
       .at =
           [](double x) {
             return Exact{std::exp(x), std::exp(x)};
           },
       .low = -80,
       .high = 2},
      {.curve = {K::kLog},
       .at =
           [](double x) {
             return Exact{std::log(x), 1 / x};
           },
       .low = 0.25,
       .high = 16},
      {.curve = {K::kLog},
       .at =
           [](double x) {
             return Exact{std::log(x), 1 / x};
           },
       .slope = INFINITY,
       .low = 1e-42,
       .high = 1e-36},
      {.curve = {K::kSqrt},
       .at =
           [](double x) {
             return Exact{std::sqrt(x), 0.5 / std::sqrt(x)};
           },
       .low = 0.01,
       .high = 99},
      {.curve = {K::kAbs},
       .at =
           [](double x) {
             return Exact{std::abs(x), x < 0 ? -1.0 : x > 0 ? 1.0 : 0.0};
           }},
      {.curve = {K::kNeg},
       .at =
           [](double x) {
             return Exact{-x, -1};
           }},
      {.curve = {K::kReciprocal},
       .at =
           [](double x) {
             return Exact{1 / x, -1 / (x * x)};
           },
       .low = 0.3,
       .high = 50},
  };
  return cases;
}

std::string Named(const Case& c) { return "kind " + std::to_string(static_cast<int>(c.curve.kind)); }

TEST(Pointwise, KernelMatchesReference) {
  constexpr std::size_t kCount = 1 << 15;
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Named(c));
    std::vector<float> x(kCount), dy(kCount), first_y, first_dx;
    for (std::size_t i = 0; i < kCount; i++) {
      x[i] = static_cast<float>(c.low + (c.high - c.low) * static_cast<double>(i) / kCount);
      dy[i] = static_cast<float>(i % 7) - 3;
    }
    for (const std::string& isa : AvailableIsas()) {
      SCOPED_TRACE(isa);
      const PointwiseTable<float>& pointwise = KernelsFor(isa).single.pointwise;
      std::vector<float> y(kCount), streamed(kCount + 16), dx(kCount, 2.0f), assigned = dy;
      pointwise.forward(c.curve, x.data(), kCount / 16, false, y.data());
      pointwise.backward(c.curve, x.data(), dy.data(), kCount / 16, true, dx.data());
      pointwise.backward(c.curve, x.data(), assigned.data(), kCount / 16, false, assigned.data());
      for (std::size_t i = 0; i < kCount; i++) {
        const double v = x[i], g = dy[i];
        const Exact want = c.at(v);
        ASSERT_NEAR(y[i], want.value,
                    (c.relative + c.besides(v) * 0x1p-24) * std::abs(want.value) + c.absolute)
            << v;
        if (std::isinf(static_cast<float>(want.slope))) continue;
        ASSERT_NEAR(assigned[i], g * want.slope, c.slope * 3 * std::max(1.0, std::abs(want.slope))) << v;
        ASSERT_EQ(dx[i], 2.0f + assigned[i]);
      }
      float* aligned = streamed.data();
      while (reinterpret_cast<uintptr_t>(aligned) % 64 != 0) aligned++;
      pointwise.forward(c.curve, x.data(), kCount / 16, true, aligned);
      EXPECT_EQ(std::memcmp(y.data(), aligned, kCount * sizeof(float)), 0);
      if (first_y.empty()) first_y = y, first_dx = dx;
      EXPECT_EQ(std::memcmp(first_y.data(), y.data(), kCount * sizeof(float)), 0);
      EXPECT_EQ(std::memcmp(first_dx.data(), dx.data(), kCount * sizeof(float)), 0);
    }
  }
}

// Of each instruction set: f(x[i]) and its slope for 16 numbers.
std::vector<float> Results(const std::string& isa, const Curve& curve, std::vector<float> x, bool slope) {
  x.resize(16, 1.0f);
  std::vector<float> y(16, 1.0f);
  const PointwiseTable<float>& pointwise = KernelsFor(isa).single.pointwise;
  if (slope) {
    pointwise.backward(curve, x.data(), y.data(), 1, false, y.data());
  } else {
    pointwise.forward(curve, x.data(), 1, false, y.data());
  }
  return y;
}

TEST(Pointwise, FarEndsAreFiniteAndNanPasses) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::string& isa : AvailableIsas()) {
    for (const Case& c : Cases()) {
      SCOPED_TRACE(isa + " " + Named(c));
      const std::vector<float> y = Results(isa, c.curve, {nan, -1e15f, 1e15f}, false);
      const std::vector<float> slope = Results(isa, c.curve, {nan, -1e15f, 1e15f}, true);
      EXPECT_TRUE(std::isnan(y[0]));
      const bool half = c.curve.kind == CurveKind::kLog || c.curve.kind == CurveKind::kSqrt;
      for (std::size_t i : {1U, 2U}) {
        if ((half && i == 1) || (c.curve.kind == CurveKind::kExp && i == 2)) continue;
        EXPECT_TRUE(std::isfinite(y[i])) << i;
        EXPECT_TRUE(std::isfinite(slope[i])) << i;
      }
    }
  }
}

TEST(Pointwise, KinksAndEdgesFollowTheContracts) {
  using K = CurveKind;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const std::string& isa : AvailableIsas()) {
    SCOPED_TRACE(isa);
    EXPECT_EQ(Results(isa, {.kind = K::kExponentialUnit, .above = 3, .height = 0.5f}, {0}, true)[0], 0.5f);
    EXPECT_EQ(Results(isa, {K::kHardswish}, {-3, 3}, true)[0], 0);
    EXPECT_EQ(Results(isa, {K::kHardswish}, {-3, 3}, true)[1], 1);
    const Curve line{.kind = K::kHardsigmoid, .rate = 0.5f, .offset = 0.5f};
    EXPECT_EQ(Results(isa, line, {-1, 1}, true)[0], 0);
    EXPECT_EQ(Results(isa, line, {-1, 1}, true)[1], 0);
    const Curve clip{.kind = K::kClip, .low = 1, .high = 2};
    EXPECT_EQ(Results(isa, clip, {1, 2, 0.5f, 3}, true),
              (std::vector<float>{1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
    EXPECT_EQ(Results(isa, {K::kAbs}, {0}, true)[0], 0);
    EXPECT_EQ(Results(isa, {K::kLog}, {0, kInfinity}, false)[0], -kInfinity);
    EXPECT_EQ(Results(isa, {K::kLog}, {0, kInfinity}, false)[1], kInfinity);
    EXPECT_TRUE(std::isnan(Results(isa, {K::kLog}, {-1}, false)[0]));
    EXPECT_EQ(Results(isa, {K::kGelu}, {0}, false)[0], 0);
    EXPECT_EQ(Results(isa, {K::kGelu}, {1e15f}, false)[0], 1e15f);
  }
}

}  // namespace
}  // namespace fovea
