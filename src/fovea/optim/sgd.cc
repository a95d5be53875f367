#include "fovea/optim/sgd.h"

#include "fovea/base/chunks.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

void SgdStep(ThreadPool& pool, const SgdOptions& options, double rate, int64_t count, const float* gradient,
             float* velocity, float* parameter) {
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) {
    Kernels().update.sgd(size, static_cast<float>(rate), static_cast<float>(options.momentum),
                         static_cast<float>(options.weight_decay), options.nesterov, gradient + i,
                         velocity + i, parameter + i);
  });
}

}  // namespace fovea
