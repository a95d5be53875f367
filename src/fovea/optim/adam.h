// Adam, and AdamW with `decoupled`.
//   d = g + weight_decay*p (decoupled: d = g, and p *= 1 - rate*weight_decay first)
//   m += (1 - beta1)*(d - m);  s += (1 - beta2)*(d^2 - s)
//   p -= rate * (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + eps),  t = 1, 2, ...
// With `eps_uncorrected` eps stands beside sqrt(s): (sqrt(s) + eps) / sqrt(1 - beta2^t) divides, as in TensorFlow and Keras.
// Mean and square start at 0.
// Source    Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101
#pragma once

#include <cstdint>
#include <functional>

#pragma GCC visibility push(default)
namespace fovea {

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0;
  bool decoupled = false;
  bool eps_uncorrected = false;
};

// Step number `t` (from 1) of one parameter tensor, as a function of (first element, how many).
std::function<void(int64_t, int64_t)> AdamPart(const AdamOptions& options, double rate, int64_t t,
                                               const float* gradient, float* mean, float* square,
                                               float* parameter);

}  // namespace fovea
#pragma GCC visibility pop
