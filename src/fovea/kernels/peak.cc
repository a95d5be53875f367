#include "fovea/kernels/peak.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "fovea/base/aligned.h"
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

double ProbeBandwidth(ThreadPool& pool, int rounds) {
  constexpr int64_t kFloats = 32 << 20, kPiece = 1 << 20;
  const auto from = MakeAligned<float>(kFloats), to = MakeAligned<float>(kFloats);
  const auto touch = [&](int64_t task, int) { std::fill_n(from.get() + task * kPiece, kPiece, 1.0f); };
  const auto copy = [&](int64_t task, int) {
    Kernels().copy(from.get() + task * kPiece, kPiece, to.get() + task * kPiece);
  };
  pool.For(kFloats / kPiece, touch);
  pool.For(kFloats / kPiece, copy);
  double seconds = std::numeric_limits<double>::infinity();
  for (int i = 0; i < rounds; i++) {
    const double start = Now();
    pool.For(kFloats / kPiece, copy);
    seconds = std::min(seconds, Now() - start);
  }
  return 2.0 * kFloats * sizeof(float) / seconds / 1e9;
}

}  // namespace fovea
