// What the machine could do: multiply-adds without memory.
#pragma once

#include "fovea/base/parallel.h"

namespace fovea {

// GFLOP/s of all threads of the pool together, two for each multiply-add; takes about `milliseconds` on a recent
// processor.
double ProbePeak(ThreadPool& pool, double milliseconds);

}  // namespace fovea
