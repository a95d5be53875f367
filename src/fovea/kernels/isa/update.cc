#include "fovea/kernels/isa/update.h"

#include "fovea/kernels/isa/vec.h"

namespace fovea::FOVEA_ISA {
namespace {

// Plain loops: the compiler vectorises them, and the same operations in the same order give the same bits.
void Sgd(int64_t count, float rate, float momentum, float decay, bool nesterov, const float* g, float* v,
         float* p) {
  for (int64_t i = 0; i < count; i++) {
    const float step = g[i] + decay * p[i];
    v[i] = momentum * v[i] + step;
    p[i] -= rate * (nesterov ? step + momentum * v[i] : v[i]);
  }
}

void Adam(int64_t count, const AdamFactors& f, const float* g, float* m, float* s, float* p) {
  const AdamFactors c = f;
  for (int64_t i = 0; i < count; i++) {
    const float shrunk = p[i] * c.shrink, d = g[i] + c.decay * shrunk;
    m[i] += (1 - c.beta1) * (d - m[i]);
    s[i] += (1 - c.beta2) * (d * d - s[i]);
    p[i] = shrunk - c.rate * (m[i] / (__builtin_sqrtf(s[i]) * c.root_factor + c.eps));
  }
}

void RmsProp(int64_t count, const RmsPropFactors& f, const float* g, float* s, float* v, float* p) {
  const RmsPropFactors c = f;
  for (int64_t i = 0; i < count; i++) {
    const float d = g[i] + c.decay * p[i];
    s[i] += (1 - c.alpha) * (d * d - s[i]);
    v[i] = c.momentum * v[i] + d / (__builtin_sqrtf(s[i]) + c.eps);
    p[i] -= c.rate * v[i];
  }
}

void Adagrad(int64_t count, const AdagradFactors& f, const float* g, float* s, float* p) {
  const AdagradFactors c = f;
  for (int64_t i = 0; i < count; i++) {
    const float d = g[i] + c.decay * p[i];
    s[i] += d * d;
    p[i] -= c.rate * (d / (__builtin_sqrtf(s[i]) + c.eps));
  }
}

void Average(int64_t count, float share, const float* p, float* average) {
  for (int64_t i = 0; i < count; i++) average[i] += share * (p[i] - average[i]);
}

void Blend(int64_t count, float fx, const float* x, float fy, float* y) {
  for (int64_t i = 0; i < count; i++) y[i] = fx * x[i] + fy * y[i];
}

void ScaleAll(int64_t count, float factor, float* x) {
  for (int64_t i = 0; i < count; i++) x[i] *= factor;
}

void AddAll(int64_t count, const float* x, float* sum) {
  for (int64_t i = 0; i < count; i++) sum[i] += x[i];
}

// Sixteen lanes of single precision, summed in double after every few thousand elements.
double Squares(int64_t count, const float* x) {
  constexpr int64_t kRun = 4096;
  double sum = 0;
  int64_t i = 0;
  for (; i + 16 <= count;) {
    Block lanes{};
    const int64_t end = i + kRun < count ? i + kRun : count;
    for (; i + 16 <= end; i += 16) lanes = Fma(Load(x + i), Load(x + i), lanes);
    float lane[16];
    Store(lane, lanes);
    for (float v : lane) sum += static_cast<double>(v);
  }
  for (; i < count; i++) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

}  // namespace

void FillUpdates(UpdateTable& table);
void FillUpdates(UpdateTable& table) {
  table = {Sgd, Adam, RmsProp, Adagrad, Average, Blend, ScaleAll, AddAll, Squares};
}

}  // namespace fovea::FOVEA_ISA
