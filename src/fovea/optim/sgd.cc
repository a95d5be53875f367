#include "fovea/optim/sgd.h"

#include "fovea/base/chunks.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

void SgdStep(ThreadPool& pool, const SgdOptions& options, double rate, bool decay, int64_t count,
             const float* gradient, float* velocity, float* parameter) {
  const auto weight_decay = static_cast<float>(decay ? options.weight_decay : 0);
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) {
    Kernels().update.sgd(size, static_cast<float>(rate), static_cast<float>(options.momentum), weight_decay,
                         options.nesterov, gradient + i, velocity + i, parameter + i);
  });
}

}  // namespace fovea
