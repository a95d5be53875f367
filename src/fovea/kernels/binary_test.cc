// Functions of two elements: values and gradients in double, one block against every pixel, the same bits for every instruction set.
#include "fovea/kernels/isa/binary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

struct Exact {
  double y, da, db;
};

struct Case {
  BinaryKind kind;
  std::function<Exact(double, double)> at;
};

double Won(double mine, double other) { return mine > other ? 1 : mine == other ? 0.5 : 0; }

std::vector<Case> Cases() {
  using K = BinaryKind;
  return {{K::kAdd,
           [](double a, double b) {
             return Exact{a + b, 1, 1};
           }},
          {K::kSubtract,
           [](double a, double b) {
             return Exact{a - b, 1, -1};
           }},
          {K::kSubtractFrom,
           [](double a, double b) {
             return Exact{b - a, -1, 1};
           }},
          {K::kMultiply,
           [](double a, double b) {
             return Exact{a * b, b, a};
           }},
          {K::kDivide,
           [](double a, double b) {
             return Exact{a / b, 1 / b, -a / b / b};
           }},
          {K::kDivideInto,
           [](double a, double b) {
             return Exact{b / a, -b / a / a, 1 / a};
           }},
          {K::kMinimum,
           [](double a, double b) {
             return Exact{std::min(a, b), Won(b, a), Won(a, b)};
           }},
          {K::kMaximum,
           [](double a, double b) {
             return Exact{std::max(a, b), Won(a, b), Won(b, a)};
           }},
          {K::kPrelu, [](double a, double b) {
             return a > 0 ? Exact{a, 1, 0} : Exact{b * a, b, a};
           }}};
}

// Quarters, so that some are equal, and none 0 but where the divisor of no case stands.
std::vector<float> Quarters(std::size_t count, int step) {
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; i++) {
    const int v = static_cast<int>(i) * step % 41 - 20;
    x[i] = static_cast<float>(v == 0 ? 21 : v) / 4;
  }
  return x;
}

TEST(Binary, KernelMatchesReference) {
  constexpr int64_t kPixels = 77;
  constexpr std::size_t kCount = kPixels * 16;
  const std::vector<float> a = Quarters(kCount, 7), b = Quarters(kCount, 11), dy = Quarters(kCount, 13);
  for (const Case& c : Cases()) {
    for (const bool fixed : {false, true}) {
      SCOPED_TRACE("kind " + std::to_string(static_cast<int>(c.kind)) + (fixed ? " with a block" : ""));
      std::vector<float> first;
      for (const std::string& isa : AvailableIsas()) {
        const BinaryTable<float>& binary = KernelsFor(isa).single.binary;
        const BinarySides<float> sides{a.data(), fixed ? nullptr : b.data(), fixed ? b.data() : nullptr};
        std::vector<float> y(kCount), da = dy, db(kCount, 1.0f), sum(16);
        binary.forward(c.kind, sides, kPixels, y.data());
        // dx may be dy; the other one accumulates.
        binary.backward(c.kind, sides, da.data(), kPixels,
                        {da.data(), false, fixed ? nullptr : db.data(), true, sum.data()});
        std::vector<double> want_sum(16);
        for (std::size_t i = 0; i < kCount; i++) {
          const Exact want = c.at(a[i], b[fixed ? i % 16 : i]);
          ASSERT_NEAR(y[i], want.y, 1e-7 * std::abs(want.y)) << i;
          ASSERT_NEAR(da[i], dy[i] * want.da, 3e-7 * std::abs(dy[i] * want.da)) << i;
          const double want_db = fixed ? 1 : 1 + dy[i] * want.db;  // of a block: only summed
          ASSERT_NEAR(db[i], want_db, 3e-7 * std::max(1.0, std::abs(dy[i] * want.db))) << i;
          want_sum[i % 16] += dy[i] * want.db;
        }
        for (std::size_t l = 0; l < 16; l++) ASSERT_NEAR(sum[l], want_sum[l], 1e-3) << l;
        y.insert(y.end(), da.begin(), da.end());
        y.insert(y.end(), sum.begin(), sum.end());
        if (first.empty()) first = y;
        EXPECT_EQ(std::memcmp(first.data(), y.data(), y.size() * sizeof(float)), 0) << isa;
      }
    }
  }
}

TEST(Binary, NanOnEitherSideShows) {
  const float nan = std::nanf("");
  const std::vector<float> numbers(16, 2.0f), nans(16, nan);
  for (const std::string& isa : AvailableIsas()) {
    for (const Case& c : Cases()) {
      for (const bool first : {false, true}) {
        if (c.kind == BinaryKind::kPrelu && !first) continue;  // a slope that is not used
        std::vector<float> y(16);
        const auto &a = first ? nans : numbers, &b = first ? numbers : nans;
        KernelsFor(isa).single.binary.forward(c.kind, {a.data(), b.data(), nullptr}, 1, y.data());
        EXPECT_TRUE(std::isnan(y[0])) << isa << " kind " << static_cast<int>(c.kind);
      }
    }
  }
}

}  // namespace
}  // namespace fovea
