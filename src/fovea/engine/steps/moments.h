// Mean and sum of squared deviations of values, merged without the loss of E[x^2] - E[x]^2.
#pragma once

namespace fovea {

struct Moments {
  double count, mean, m2;
};

// Chan, Golub & LeVeque 1983.
inline Moments MergeMoments(const Moments& a, const Moments& b) {
  const double count = a.count + b.count, delta = b.mean - a.mean;
  return {count, a.mean + delta * (b.count / count),
          a.m2 + b.m2 + delta * delta * (a.count * b.count / count)};
}

}  // namespace fovea
