// The orthogonal matrix near to a matrix, by a few Newton-Schulz steps: with x = u s v^T its singular values s are
// drawn towards 1, u and v stay.
//   x /= |x| (Frobenius);  `steps` times  a = x x^T,  x = 3.4445*x + (2.0315*a^2 - 4.7750*a) x
// The quintic leaves singular values of 0.7 to 1.2 after five steps, unless they began below 0.005 of the norm: its
// slope at 0 counts for more than its limit. Of a matrix with more rows than columns the transpose is taken.
// Source    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"
#pragma once

#include <cstdint>

#include "fovea/base/parallel.h"

namespace fovea {

// In place, `x` (rows, columns). A matrix of zeros stays as it is. The products are those of kernels/linear.h: the same
// bits for any number of threads and every instruction set.
void Orthogonalise(ThreadPool& pool, int64_t rows, int64_t columns, int64_t steps, float* x);

}  // namespace fovea
