#include "fovea/optim/sgd.h"

#include "fovea/base/chunks.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

std::function<void(int64_t, int64_t)> SgdPart(const SgdOptions& options, double rate, const float* gradient,
                                              float* velocity, float* parameter) {
  return [=](int64_t i, int64_t size) {
    Kernels().update.sgd(size, static_cast<float>(rate), static_cast<float>(options.momentum),
                         static_cast<float>(options.weight_decay), options.nesterov, gradient + i,
                         velocity + i, parameter + i);
  };
}

void SgdStep(ThreadPool& pool, const SgdOptions& options, double rate, int64_t count, const float* gradient,
             float* velocity, float* parameter) {
  ForEachChunk(pool, count, SgdPart(options, rate, gradient, velocity, parameter));
}

}  // namespace fovea
