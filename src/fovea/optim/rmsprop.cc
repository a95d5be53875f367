#include "fovea/optim/rmsprop.h"

#include "fovea/base/chunks.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

void RmsPropStep(ThreadPool& pool, const RmsPropOptions& o, double rate, int64_t count, const float* gradient,
                 float* square, float* velocity, float* parameter) {
  const RmsPropFactors factors{.rate = static_cast<float>(rate),
                               .decay = static_cast<float>(o.weight_decay),
                               .alpha = static_cast<float>(o.alpha),
                               .momentum = static_cast<float>(o.momentum),
                               .eps = static_cast<float>(o.eps)};
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) {
    Kernels().update.rmsprop(size, factors, gradient + i, square + i, velocity + i, parameter + i);
  });
}

}  // namespace fovea
