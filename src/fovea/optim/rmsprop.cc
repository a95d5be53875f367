#include "fovea/optim/rmsprop.h"

#include "fovea/kernels/dispatch.h"

namespace fovea {

std::function<void(int64_t, int64_t)> RmsPropPart(const RmsPropOptions& o, double rate, const float* gradient,
                                                  float* square, float* velocity, float* parameter) {
  const RmsPropFactors factors{.rate = static_cast<float>(rate),
                               .decay = static_cast<float>(o.weight_decay),
                               .alpha = static_cast<float>(o.alpha),
                               .momentum = static_cast<float>(o.momentum),
                               .eps = static_cast<float>(o.eps)};
  return [=](int64_t i, int64_t size) {
    Kernels().update.rmsprop(size, factors, gradient + i, square + i, velocity + i, parameter + i);
  };
}

}  // namespace fovea
