#include "fovea/optim/sgd.h"

#include <algorithm>

#include "fovea/kernels/dispatch.h"

namespace fovea {

void SgdStep(ThreadPool& pool, const SgdOptions& options, double rate, bool decay, int64_t count,
             const float* gradient, float* velocity, float* parameter) {
  constexpr int64_t kChunk = 8192;
  const auto weight_decay = static_cast<float>(decay ? options.weight_decay : 0);
  pool.For((count + kChunk - 1) / kChunk, [&](int64_t task, int) {
    const int64_t i = task * kChunk;
    Kernels().plane.sgd(std::min(kChunk, count - i), static_cast<float>(rate),
                        static_cast<float>(options.momentum), weight_decay, options.nesterov, gradient + i,
                        velocity + i, parameter + i);
  });
}

}  // namespace fovea
