#include "fovea/kernels/peak.h"

#include <cmath>
#include <cstdlib>
#include <vector>

#include "fovea/base/measure.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

double ProbePeak(ThreadPool& pool, double milliseconds) {
  const auto rounds = static_cast<int64_t>(65000 * milliseconds);  // some 130 GFLOP/s a thread
  std::vector<float> results(static_cast<std::size_t>(pool.threads()));
  const double start = Now();
  pool.For(pool.threads(),
           [&](int64_t task, int) { results[static_cast<std::size_t>(task)] = Kernels().peak(rounds); });
  const double seconds = Now() - start;
  if (std::isnan(results.front())) std::abort();  // the results are used: the work is not optimised away
  return static_cast<double>(pool.threads() * rounds) * 64 * 16 * 2 / seconds / 1e9;
}

}  // namespace fovea
