#include "fovea/optim/adagrad.h"

#include "fovea/kernels/dispatch.h"

namespace fovea {

std::function<void(int64_t, int64_t)> AdagradPart(const AdagradOptions& o, double rate, int64_t t,
                                                  const float* gradient, float* square, float* parameter) {
  const AdagradFactors factors{
      .rate = static_cast<float>(rate / (1 + static_cast<double>(t - 1) * o.lr_decay)),
      .decay = static_cast<float>(o.weight_decay),
      .eps = static_cast<float>(o.eps)};
  return [=](int64_t i, int64_t size) {
    Kernels().update.adagrad(size, factors, gradient + i, square + i, parameter + i);
  };
}

}  // namespace fovea
