#include "fovea/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace fovea {
namespace {

// The known answers published with the algorithm (Random123, philox4x32 with 10 rounds).
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(Philox(0, {0, 0, 0, 0}),
            (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox(~uint64_t{0}, {~0u, ~0u, ~0u, ~0u}),
            (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox(0x299f31d0a4093822, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, IsAFunctionOfItsKeyAndIndex) {
  RandomStream a({1, Purpose::kAugment, 2}, 77), b({1, Purpose::kAugment, 2}, 77);
  for (int i = 0; i < 100; i++) EXPECT_EQ(a.Next(), b.Next());
  std::vector<uint32_t> firsts;
  for (const auto& [key, index] :
       std::vector<std::pair<RandomKey, uint64_t>>{{{1, Purpose::kAugment, 2}, 77},
                                                   {{2, Purpose::kAugment, 2}, 77},
                                                   {{1, Purpose::kDropout, 2}, 77},
                                                   {{1, Purpose::kAugment, 3}, 77},
                                                   {{1, Purpose::kAugment, 2}, 78},
                                                   {{1, Purpose::kAugment, 2}, 77 + (1ull << 32)}}) {
    firsts.push_back(RandomStream(key, index).Next());
  }
  for (std::size_t i = 0; i < firsts.size(); i++) {
    for (std::size_t j = 0; j < i; j++) EXPECT_NE(firsts[i], firsts[j]);
  }
}

// 200,000 draws: five standard errors of each moment.
TEST(RandomStream, HasTheMomentsItClaims) {
  RandomStream stream({3}, 0);
  double uniform = 0, normal = 0, square = 0, below = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; i++) {
    const double u = stream.Uniform(), z = stream.Normal();
    ASSERT_TRUE(u >= 0 && u < 1);
    uniform += u, normal += z, square += z * z;
    const uint32_t k = stream.Below(7);
    ASSERT_LT(k, 7u);
    below += k;
  }
  EXPECT_NEAR(uniform / kDraws, 0.5, 5 * 0.289 / std::sqrt(kDraws));
  EXPECT_NEAR(normal / kDraws, 0, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(square / kDraws, 1, 5 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(below / kDraws, 3, 5 * 2 / std::sqrt(kDraws));
}

// At 3 * 2^30 a plain remainder favours the lowest third of the range and a plain multiplication the
// multiples of 3, each with half of all draws; five standard errors of a third.
TEST(RandomStream, BelowFavoursNoValue) {
  RandomStream stream({4}, 0);
  constexpr int kDraws = 30000;
  std::array<int, 3> part{}, remainder{};
  for (int i = 0; i < kDraws; i++) {
    const uint32_t k = stream.Below(3u << 30);
    part[k >> 30]++, remainder[k % 3]++;
  }
  const double error = 5 * std::sqrt(kDraws * 2.0 / 9);
  for (const auto& counts : {part, remainder}) {
    for (int count : counts) EXPECT_NEAR(count, kDraws / 3, error);
  }
}

// Drawing from other streams in between, or in another order, changes nothing.
TEST(RandomStream, DoesNotDependOnTheOrderOfDrawing) {
  std::vector<double> forward(50), backward(50);
  for (std::size_t i = 0; i < 50; i++) forward[i] = RandomStream({8}, i).Normal();
  for (std::size_t i = 50; i-- > 0;) backward[i] = RandomStream({8}, i).Normal();
  EXPECT_EQ(forward, backward);
}

}  // namespace
}  // namespace fovea
