// Element-wise updates of parameters. Members of the table of an instruction set.
#pragma once

#include <stdint.h>

namespace fovea {

struct AdamFactors {
  float rate;    // rate / (1 - beta1^t)
  float decay;   // added to the gradient, times p
  float shrink;  // p *= shrink first (decoupled decay)
  float beta1, beta2;
  float root_factor;  // 1 / sqrt(1 - beta2^t)
  float eps;
};

struct RmsPropFactors {
  float rate, decay, alpha, momentum, eps;
};

struct AdagradFactors {
  float rate, decay, eps;
};

struct UpdateTable {
  // v = momentum*v + (g + decay*p); p -= rate * (nesterov ? g + decay*p + momentum*v : v)
  void (*sgd)(int64_t count, float rate, float momentum, float decay, bool nesterov, const float* g, float* v,
              float* p);
  // p *= shrink; d = g + decay*p; m += (1-beta1)*(d-m); s += (1-beta2)*(d*d-s);
  // p -= rate * m / (sqrt(s)*root_factor + eps)
  void (*adam)(int64_t count, const AdamFactors& f, const float* g, float* m, float* s, float* p);
  // d = g + decay*p; s += (1-alpha)*(d*d-s); v = momentum*v + d/(sqrt(s)+eps); p -= rate*v
  void (*rmsprop)(int64_t count, const RmsPropFactors& f, const float* g, float* s, float* v, float* p);
  // d = g + decay*p; s += d*d; p -= rate * d/(sqrt(s)+eps)
  void (*adagrad)(int64_t count, const AdagradFactors& f, const float* g, float* s, float* p);
  // average += share*(p - average)
  void (*average)(int64_t count, float share, const float* p, float* average);
  // y = fx*x + fy*y
  void (*blend)(int64_t count, float fx, const float* x, float fy, float* y);
  void (*scale)(int64_t count, float factor, float* x);
  void (*add)(int64_t count, const float* x, float* sum);  // sum += x
  // The sum of squares in a fixed order; not finite when an element is not (or its square overflows).
  double (*squares)(int64_t count, const float* x);
};

}  // namespace fovea
