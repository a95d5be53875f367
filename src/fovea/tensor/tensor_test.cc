#include "fovea/tensor/tensor.h"

#include <gtest/gtest.h>

#include "fovea/tensor/dual.h"

namespace fovea {
namespace {

TEST(Tensor, IsRowMajorNchw) {
  Tensor<double> t({2, 3, 4, 5});
  for (int64_t i = 0; i < t.size(); i++) t[i] = static_cast<double>(i);
  EXPECT_EQ(t(1, 2, 3, 4), 119);
  EXPECT_EQ(t(0, 0, 1, 0), 5);
  EXPECT_EQ(t(1, 0, 0, 0), 60);
}

TEST(Tensor, CopiesValuesAndViewsBorrowThem) {
  Tensor<float> a({2, 2}, 1.0f);
  Tensor<float> b = a;
  a.view()(1, 1) = 7;
  EXPECT_EQ(a(1, 1), 7);
  EXPECT_EQ(b(1, 1), 1);
}

TEST(Tensor, IsAlignedToACacheLine) {
  const Tensor<float> t({3, 5});
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.data()) % kCacheLine, 0u);
}

TEST(Tensor, CastKeepsValues) {
  const Tensor<float> a({3}, 0.5f);
  EXPECT_EQ(Cast<Dual>(a.view())[2], Dual(0.5));
}

}  // namespace
}  // namespace fovea
