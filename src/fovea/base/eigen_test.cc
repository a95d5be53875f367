#include "fovea/base/eigen.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/random.h"

namespace fovea {
namespace {

std::vector<double> RandomSymmetric(std::size_t n) {
  std::vector<double> matrix(n * n);
  RandomStream random({21}, n);
  for (std::size_t i = 0; i < n; i++) {
    for (std::size_t j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.Normal();
  }
  return matrix;
}

TEST(Eigen, TakesAMatrixApart) {
  for (const std::size_t n : {1U, 2U, 3U, 12U, 27U, 60U}) {
    const std::vector<double> matrix = RandomSymmetric(n);
    const SymmetricEigen eigen = EigenOf(matrix, static_cast<int64_t>(n));
    // Entries of size 1 in sums of n terms, turned a few times n times: some 1e-13.
    for (std::size_t i = 0; i < n; i++) {
      for (std::size_t j = 0; j < n; j++) {
        double product = 0, rebuilt = 0;
        for (std::size_t k = 0; k < n; k++) {
          product += eigen.vectors[i * n + k] * eigen.vectors[j * n + k];
          rebuilt += eigen.values[k] * eigen.vectors[k * n + i] * eigen.vectors[k * n + j];
        }
        EXPECT_NEAR(product, i == j ? 1 : 0, 1e-13);
        EXPECT_NEAR(rebuilt, matrix[i * n + j], 1e-12);
      }
      if (i > 0) {
        EXPECT_GE(eigen.values[i - 1], eigen.values[i]);
      }
    }
  }
}

TEST(Eigen, KnowsASimpleMatrix) {
  const SymmetricEigen eigen = EigenOf({2, -1, 0, -1, 2, 0, 0, 0, 5}, 3);
  EXPECT_EQ(eigen.values[0], 5);
  EXPECT_NEAR(eigen.values[1], 3, 1e-15);
  EXPECT_NEAR(eigen.values[2], 1, 1e-15);
  EXPECT_NEAR(eigen.vectors[3], std::sqrt(0.5),
              1e-15);  // (1, -1, 0): the first of the two largest is positive
  EXPECT_NEAR(eigen.vectors[4], -std::sqrt(0.5), 1e-15);
}

TEST(Eigen, AMultipleOfTheIdentityStaysAsItIs) {
  const SymmetricEigen eigen = EigenOf({3, 0, 0, 3}, 2);
  EXPECT_EQ(eigen.values, (std::vector<double>{3, 3}));
  EXPECT_EQ(eigen.vectors, (std::vector<double>{1, 0, 0, 1}));
}

}  // namespace
}  // namespace fovea
