// Micro-batches: an inference program takes a batch through the whole network a few images at a time, as many as leave the values
// between two steps in the cache, where its weights are small enough to be read again for each.
#pragma once

#include <cstdint>

#include "fovea/engine/program.h"
#include "fovea/network/network.h"

namespace fovea {

// Images at a time, at most options.max_batch; all of them in training, where batch norms need the whole batch. By shape alone, since the
// algorithm of a convolution, and so its bits, may depend on it.
int64_t MicroBatch(const Network& network, const ProgramOptions& options);

}  // namespace fovea
