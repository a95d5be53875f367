// The loop of elementwise work over long tensors: chunks, shared among threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fovea/base/parallel.h"

namespace fovea {

inline constexpr int64_t kChunkFloats = 8192;

// Calls body(first element, how many) for every chunk.
template <class Body>
void ForEachChunk(ThreadPool& pool, int64_t count, const Body& body) {
  pool.For((count + kChunkFloats - 1) / kChunkFloats, [&](int64_t task, int) {
    const int64_t first = task * kChunkFloats;
    body(first, std::min(kChunkFloats, count - first));
  });
}

}  // namespace fovea
