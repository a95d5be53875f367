#include "fovea/optim/adam.h"

#include <cmath>

#include "fovea/base/math.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

// beta^t, exactly the same everywhere.
double PowerOf(double beta, int64_t t) { return beta > 0 ? Exp(static_cast<double>(t) * Log(beta)) : 0; }

}  // namespace

std::function<void(int64_t, int64_t)> AdamPart(const AdamOptions& o, double rate, int64_t t,
                                               const float* gradient, float* mean, float* square,
                                               float* parameter) {
  const double root_factor = 1 / std::sqrt(1 - PowerOf(o.beta2, t));
  const AdamFactors factors{.rate = static_cast<float>(rate / (1 - PowerOf(o.beta1, t))),
                            .decay = static_cast<float>(o.decoupled ? 0 : o.weight_decay),
                            .shrink = static_cast<float>(o.decoupled ? 1 - rate * o.weight_decay : 1),
                            .beta1 = static_cast<float>(o.beta1),
                            .beta2 = static_cast<float>(o.beta2),
                            .root_factor = static_cast<float>(root_factor),
                            .eps = static_cast<float>(o.eps_uncorrected ? o.eps * root_factor : o.eps)};
  return [=](int64_t i, int64_t size) {
    Kernels().update.adam(size, factors, gradient + i, mean + i, square + i, parameter + i);
  };
}

}  // namespace fovea
