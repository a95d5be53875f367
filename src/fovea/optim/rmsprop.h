// RMSProp with momentum.
//   d = g + weight_decay*p;  s += (1 - alpha)*(d^2 - s);  v = momentum*v + d / (sqrt(s) + eps);  p -= rate*v
// Square and velocity start at 0.
// Source    Tieleman & Hinton 2012, "Lecture 6.5"; the form of PyTorch
#pragma once

#include <cstdint>
#include <functional>

#pragma GCC visibility push(default)
namespace fovea {

struct RmsPropOptions {
  double alpha = 0.99, eps = 1e-8, momentum = 0, weight_decay = 0;
};

// A step of one parameter tensor, as a function of (first element, how many).
std::function<void(int64_t, int64_t)> RmsPropPart(const RmsPropOptions& options, double rate,
                                                  const float* gradient, float* square, float* velocity,
                                                  float* parameter);

}  // namespace fovea
#pragma GCC visibility pop
