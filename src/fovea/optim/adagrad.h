// Adagrad.
//   d = g + weight_decay*p;  s += d^2;  p -= rate / (1 + (t - 1)*lr_decay) * d / (sqrt(s) + eps),  t = 1, 2, ...
// The square s starts at 0, as in PyTorch unless told otherwise; the eps of PyTorch's Adagrad is 1e-10 by default.
// Source    Duchi, Hazan & Singer 2011; the form of PyTorch
#pragma once

#include <cstdint>
#include <functional>

#pragma GCC visibility push(default)
namespace fovea {

struct AdagradOptions {
  double lr_decay = 0, eps = 1e-10, weight_decay = 0;
};

// Step number `t` (from 1) of one parameter tensor, as a function of (first element, how many).
std::function<void(int64_t, int64_t)> AdagradPart(const AdagradOptions& options, double rate, int64_t t,
                                                  const float* gradient, float* square, float* parameter);

}  // namespace fovea
#pragma GCC visibility pop
