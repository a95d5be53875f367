// What the machine could do: multiply-adds without memory, and memory without multiply-adds.
#pragma once

#include "fovea/base/parallel.h"

namespace fovea {

// GFLOP/s of all threads of the pool together, two for each multiply-add; takes about `milliseconds` on a recent
// processor.
double ProbePeak(ThreadPool& pool, double milliseconds);

// GB/s that all threads of the pool together read and write while they copy 128 MiB past the caches: the best of `rounds`.
double ProbeBandwidth(ThreadPool& pool, int rounds);

}  // namespace fovea
