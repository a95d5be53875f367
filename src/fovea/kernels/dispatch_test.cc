#include "fovea/kernels/dispatch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "fovea/base/error.h"
#include "fovea/base/random.h"

namespace fovea {
namespace {

uint32_t Bits(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  return bits;
}

float FromBits(uint32_t bits) {
  float v;
  std::memcpy(&v, &bits, sizeof v);
  return v;
}

TEST(Dispatch, EveryTableKnowsItsName) {
  for (const std::string& isa : AvailableIsas()) EXPECT_EQ(KernelsFor(isa).name, isa);
  EXPECT_THROW(KernelsFor("avx1024"), ArgumentError);
}

TEST(Dispatch, ObeysTheEnvironment) {
  const char* forced = std::getenv("FOVEA_ISA");
  EXPECT_EQ(Kernels().name,
            forced != nullptr && *forced != '\0' ? std::string(forced) : AvailableIsas().front());
}

// Any bit pattern, and pairs near cancellation, where a second rounding would show.
TEST(Dispatch, FmaRoundsOnceOnEveryInstructionSet) {
  constexpr int kCount = 1 << 20;
  std::vector<float> a(kCount), b(kCount), c(kCount);
  RandomStream random({8}, 0);
  for (int i = 0; i < kCount; i++) {
    const auto k = static_cast<std::size_t>(i);
    if (i % 2 == 0) {
      a[k] = FromBits(random.Next()), b[k] = FromBits(random.Next()), c[k] = FromBits(random.Next());
    } else {
      a[k] = static_cast<float>(random.Uniform(-2, 2)), b[k] = static_cast<float>(random.Uniform(-2, 2));
      c[k] = -a[k] * b[k] * (i % 3 == 0 ? 1.0f : 1e-6f);
    }
    if (i % 4096 == 1) c[k] = std::numeric_limits<float>::infinity();
  }
  for (const std::string& isa : AvailableIsas()) {
    std::vector<float> got = c;
    KernelsFor(isa).fma(a.data(), b.data(), got.data(), kCount);
    int wrong = 0;
    for (std::size_t i = 0; i < got.size(); i++) {
      const float want = std::fma(a[i], b[i], c[i]);
      if (std::isnan(want) ? !std::isnan(got[i]) : Bits(want) != Bits(got[i])) wrong++;
    }
    EXPECT_EQ(wrong, 0) << isa;
  }
}

}  // namespace
}  // namespace fovea
