// Stochastic gradient descent with momentum.
//   d = g + weight_decay*p;  v = momentum*v + d;  p -= rate * (nesterov ? d + momentum*v : v)
// The velocity starts at 0 and holds no rate, so a schedule may change the rate at every step (PyTorch's
// convention). Source: Sutskever et al. 2013
#pragma once

#include <cstdint>
#include <functional>

#include "fovea/base/parallel.h"

#pragma GCC visibility push(default)
namespace fovea {

struct SgdOptions {
  double momentum = 0.9;
  bool nesterov = true;
  double weight_decay = 5e-4;
};

// A step of one parameter tensor, as a function of (first element, how many).
std::function<void(int64_t, int64_t)> SgdPart(const SgdOptions& options, double rate, const float* gradient,
                                              float* velocity, float* parameter);
// The whole of it, `count` values.
void SgdStep(ThreadPool& pool, const SgdOptions& options, double rate, int64_t count, const float* gradient,
             float* velocity, float* parameter);

}  // namespace fovea
#pragma GCC visibility pop
