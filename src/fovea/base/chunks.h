// The loop of elementwise work over long tensors: chunks, shared among threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fovea/base/parallel.h"

namespace fovea {

inline constexpr int64_t kChunkFloats = 8192;

inline int64_t ChunksOf(int64_t count) { return (count + kChunkFloats - 1) / kChunkFloats; }

// Calls body(first element, how many) for every chunk.
template <class Body>
void ForEachChunk(ThreadPool& pool, int64_t count, const Body& body) {
  pool.For(ChunksOf(count), [&](int64_t task, int) {
    const int64_t first = task * kChunkFloats;
    body(first, std::min(kChunkFloats, count - first));
  });
}

// For each of several tensors how many chunks it and those before it have.
inline std::vector<int64_t> ChunkEnds(const std::vector<int64_t>& counts) {
  std::vector<int64_t> ends;
  ends.reserve(counts.size());
  for (int64_t count : counts) ends.push_back((ends.empty() ? 0 : ends.back()) + ChunksOf(count));
  return ends;
}

// The same over several tensors in one loop: body(tensor, first element, how many), and which chunk of all it is.
template <class Body>
void ForEachChunkOf(ThreadPool& pool, const std::vector<int64_t>& counts, const Body& body) {
  const std::vector<int64_t> ends = ChunkEnds(counts);
  if (ends.empty()) return;
  pool.For(ends.back(), [&](int64_t task, int) {
    const auto tensor =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), task) - ends.begin());
    const int64_t first = (task - (tensor == 0 ? 0 : ends[tensor - 1])) * kChunkFloats;
    body(tensor, first, std::min(kChunkFloats, counts[tensor] - first), task);
  });
}

}  // namespace fovea
