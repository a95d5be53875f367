#include "fovea/optim/reference.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace fovea {
namespace {

double Norm(int64_t count, const double* x) { return std::sqrt(std::inner_product(x, x + count, x, 0.0)); }

// Moments of d, the gradient with what decays by it, and the step along them.
void AdamStep(const OptimizerOptions& o, const ReferenceUpdate& u, int64_t i, double d) {
  double &m = u.kept[0][i], &s = u.kept[1][i];
  m += (1 - o.beta1) * (d - m);
  s += (1 - o.beta2) * (d * d - s);
  const auto t = static_cast<double>(u.t);
  const double mean = m / (1 - std::pow(o.beta1, t)), correction = std::sqrt(1 - std::pow(o.beta2, t));
  const double deviation =
      o.eps_uncorrected ? (std::sqrt(s) + o.eps) / correction : std::sqrt(s) / correction + o.eps;
  u.parameter[i] -= u.rate * mean / deviation;
}

// (x x^T) y of matrices (rows, columns).
std::vector<double> GramTimes(int64_t rows, int64_t columns, const double* x, const double* y) {
  std::vector<double> product(static_cast<std::size_t>(rows * columns));
  for (int64_t i = 0; i < rows; i++) {
    double* sum = product.data() + i * columns;
    for (int64_t k = 0; k < rows; k++) {
      const double a = std::inner_product(x + i * columns, x + (i + 1) * columns, x + k * columns, 0.0);
      for (int64_t j = 0; j < columns; j++) sum[j] += a * y[k * columns + j];
    }
  }
  return product;
}

}  // namespace

void ReferenceSgd(const OptimizerOptions& o, const ReferenceUpdate& u) {
  for (int64_t i = 0; i < u.count; i++) {
    double &v = u.kept[0][i], &p = u.parameter[i];
    const double d = u.scale * u.gradient[i] + o.weight_decay * p;
    v = o.momentum * v + d;
    p -= u.rate * (o.nesterov ? d + o.momentum * v : v);
  }
}

void ReferenceAdagrad(const OptimizerOptions& o, const ReferenceUpdate& u) {
  const double rate = u.rate / (1 + static_cast<double>(u.t - 1) * o.lr_decay);
  for (int64_t i = 0; i < u.count; i++) {
    double &s = u.kept[0][i], &p = u.parameter[i];
    const double d = u.scale * u.gradient[i] + o.weight_decay * p;
    s += d * d;
    p -= rate * d / (std::sqrt(s) + o.eps);
  }
}

void ReferenceAdam(const OptimizerOptions& o, const ReferenceUpdate& u) {
  for (int64_t i = 0; i < u.count; i++)
    AdamStep(o, u, i, u.scale * u.gradient[i] + o.weight_decay * u.parameter[i]);
}

void ReferenceAdamW(const OptimizerOptions& o, const ReferenceUpdate& u) {
  for (int64_t i = 0; i < u.count; i++) {
    u.parameter[i] *= 1 - u.rate * o.weight_decay;
    AdamStep(o, u, i, u.scale * u.gradient[i]);
  }
}

void ReferenceRmsProp(const OptimizerOptions& o, const ReferenceUpdate& u) {
  for (int64_t i = 0; i < u.count; i++) {
    double &s = u.kept[0][i], &v = u.kept[1][i], &p = u.parameter[i];
    const double d = u.scale * u.gradient[i] + o.weight_decay * p;
    s += (1 - o.alpha) * (d * d - s);
    v = o.momentum * v + d / (std::sqrt(s) + o.eps);
    p -= u.rate * v;
  }
}

void ReferenceMuon(const OptimizerOptions& o, const ReferenceUpdate& u) {
  if (u.rows == 0) return ReferenceSgd(o, u);
  std::vector<double> direction(static_cast<std::size_t>(u.count));
  for (int64_t i = 0; i < u.count; i++) {
    const double g = u.scale * u.gradient[i];
    double& v = u.kept[0][i];
    v = o.momentum * v + g;
    direction[static_cast<std::size_t>(i)] = o.nesterov ? g + o.momentum * v : v;
  }
  ReferenceOrthogonalise(u.rows, u.count / u.rows, o.newton_schulz, direction.data());
  const double norm = o.renormalise ? Norm(u.count, u.parameter) : 0;
  const double scale = norm > 0 ? std::sqrt(static_cast<double>(u.rows)) / norm : 1;
  for (int64_t i = 0; i < u.count; i++) {
    double& p = u.parameter[i];
    p = scale * (1 - u.rate * o.weight_decay) * p - u.rate * direction[static_cast<std::size_t>(i)];
  }
}

// Of a matrix with more rows than columns no transpose is needed: (x^T x)^k on its right is (x x^T)^k on its left.
void ReferenceOrthogonalise(int64_t rows, int64_t columns, int64_t steps, double* x) {
  const int64_t count = rows * columns;
  const double norm = Norm(count, x);
  if (norm == 0) return;
  std::transform(x, x + count, x, [&](double v) { return v / norm; });
  for (int64_t step = 0; step < steps; step++) {
    const std::vector<double> ax = GramTimes(rows, columns, x, x),
                              aax = GramTimes(rows, columns, x, ax.data());
    for (int64_t i = 0; i < count; i++) {
      const auto at = static_cast<std::size_t>(i);
      x[i] = 3.4445 * x[i] - 4.7750 * ax[at] + 2.0315 * aax[at];
    }
  }
}

}  // namespace fovea
