#include "fovea/optim/muon.h"

#include <algorithm>
#include <cmath>

#include "fovea/base/aligned.h"
#include "fovea/optim/orthogonalise.h"
#include "fovea/optim/vectors.h"

namespace fovea {

void MuonStep(ThreadPool& pool, const MuonOptions& o, double rate, int64_t rows, int64_t columns,
              const float* gradient, float* velocity, float* parameter) {
  const int64_t count = rows * columns;
  const auto direction = MakeAligned<float>(static_cast<std::size_t>(count));
  Blend(pool, 1, count, gradient, o.momentum, velocity);
  std::copy_n(velocity, count, direction.get());
  if (o.nesterov) Blend(pool, 1, count, gradient, o.momentum, direction.get());
  Orthogonalise(pool, rows, columns, o.newton_schulz, direction.get());
  double scale = 1 - rate * o.weight_decay;
  const double norm = o.renormalise ? std::sqrt(SumOfSquares(pool, count, parameter)) : 0;
  if (norm > 0) scale *= std::sqrt(static_cast<double>(rows)) / norm;
  Blend(pool, -rate, count, direction.get(), scale, parameter);
}

}  // namespace fovea
