#include "fovea/engine/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "fovea/base/error.h"

namespace fovea {
namespace {

TEST(Storage, PlainValuesComeBackAndTailLanesAreZero) {
  ThreadPool pool(2);
  for (const Storage s : {Storage{Layout::kBlocked, 19, 3, 2}, Storage{Layout::kBlocked, 16, 1, 1},
                          Storage{Layout::kImage, 3, 4, 5}, Storage{Layout::kBlocked, 3, 4, 5}}) {
    const int64_t n = 3;
    std::vector<float> plain(static_cast<std::size_t>(n * s.c * s.h * s.w)), back(plain.size(), -1);
    for (std::size_t i = 0; i < plain.size(); i++) plain[i] = static_cast<float>(i + 1);
    std::vector<float> stored(static_cast<std::size_t>(n * s.Floats()), std::nanf(""));
    FromPlain(pool, s, n, plain.data(), stored.data());
    ToPlain(pool, s, n, stored.data(), back.data());
    EXPECT_EQ(plain, back);
    double sum = 0, want = 0;
    for (float v : stored) sum += v;  // a NaN or a value left in a tail lane shows here
    for (float v : plain) want += v;
    EXPECT_EQ(sum, want);
  }
}

TEST(Storage, OtherRanksAreMapsToo) {
  EXPECT_EQ(BlockedStorage({2, 3, 4}), (Storage{.c = 3, .h = 1, .w = 4}));
  EXPECT_EQ(BlockedStorage({2, 3, 4, 5, 6}), (Storage{.c = 3, .h = 20, .w = 6}));
  EXPECT_EQ(BlockedStorage({2}), (Storage{.c = 1, .h = 1, .w = 1}));
  EXPECT_THROW(BlockedStorage({}), ShapeError);
}

}  // namespace
}  // namespace fovea
