// Places buffers in one arena so that buffers alive at the same time never overlap.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

struct BufferLife {
  int64_t floats = 0;
  int first = 0, last = 0;  // both inclusive, in steps of the program's timeline
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  // in floats, each on a cache line; -1 for an empty buffer
  int64_t floats = 0;            // of the whole arena
};

// Largest first, each at the lowest offset where it fits.
MemoryPlan PlanMemory(std::span<const BufferLife> buffers);

}  // namespace fovea
