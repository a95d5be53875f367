// Eigenvalues and eigenvectors of a small symmetric matrix by Jacobi's rotations, swept row by row: additions,
// multiplications, divisions and square roots in one order, so the same bits everywhere.
// Source: Golub & Van Loan 2013, "Matrix Computations", section 8.5.
#pragma once

#include <cstdint>
#include <vector>

namespace fovea {

struct SymmetricEigen {
  std::vector<double> values;  // falling
  std::vector<double>
      vectors;  // row i belongs to value i, of length 1, its largest entry positive (the first of ties)
};

// `matrix` is n*n, symmetric and finite.
SymmetricEigen EigenOf(std::vector<double> matrix, int64_t n);

}  // namespace fovea
