// The loop of the update rules: chunks of a tensor, shared among threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fovea/base/parallel.h"

namespace fovea {

inline constexpr int64_t kUpdateChunk = 8192;

// Calls body(first element, how many) for every chunk.
template <class Body>
void ForEachChunk(ThreadPool& pool, int64_t count, const Body& body) {
  pool.For((count + kUpdateChunk - 1) / kUpdateChunk, [&](int64_t task, int) {
    const int64_t first = task * kUpdateChunk;
    body(first, std::min(kUpdateChunk, count - first));
  });
}

}  // namespace fovea
