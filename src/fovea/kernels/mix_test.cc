// Mixed planes: weighted sums in double, accumulation, the same bits for every instruction set.
#include "fovea/kernels/isa/mix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

TEST(Mix, KernelMatchesReference) {
  constexpr int64_t kHeight = 3, kWidth = 4;
  const std::vector<int32_t> row_start{0, 2, 2, 5}, row_at{0, 2, 1, 1, 0}, column_start{0, 1, 3},
      column_at{3, 0, 2};
  const std::vector<float> row_weight{0.3f, -1.7f, 2.1f, 0.7f, 0.9f}, column_weight{1.1f, -0.6f, 0.2f};
  const PlaneMix mix{{3, row_start.data(), row_at.data(), row_weight.data()},
                     {2, column_start.data(), column_at.data(), column_weight.data()},
                     kWidth};
  std::vector<float> x(kHeight * kWidth * 16), first;
  for (std::size_t i = 0; i < x.size(); i++) x[i] = static_cast<float>(i * 37 % 101) / 7 - 6;
  for (const std::string& isa : AvailableIsas()) {
    std::vector<float> y(3 * 2 * 16, 1.0f);
    KernelsFor(isa).single.mix(mix, x.data(), true, y.data());
    for (std::size_t i = 0; i < y.size(); i++) {
      const std::size_t p = i / 32, q = i / 16 % 2;
      double want = 1;
      for (auto a = static_cast<std::size_t>(row_start[p]); a < static_cast<std::size_t>(row_start[p + 1]);
           a++) {
        for (auto b = static_cast<std::size_t>(column_start[q]);
             b < static_cast<std::size_t>(column_start[q + 1]); b++)
          want += static_cast<double>(row_weight[a]) * column_weight[b] *
                  x[static_cast<std::size_t>((row_at[a] * kWidth + column_at[b]) * 16) + i % 16];
      }
      ASSERT_NEAR(y[i], want, 1e-5) << isa << " " << i;  // sums of up to six products of up to 30
    }
    if (first.empty()) first = y;
    EXPECT_EQ(std::memcmp(first.data(), y.data(), y.size() * sizeof(float)), 0) << isa;
  }
}

}  // namespace
}  // namespace fovea
