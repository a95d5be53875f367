// The unit of every sum over a batch: a sum runs within shards of this many images, in order, and then up a binary tree of
// shards. It fixes the bits of a run at any number of threads or processes; docs/decisions/0003-micro-shards.md.
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)
namespace fovea {

inline constexpr int64_t kMicroShard = 32;
inline int64_t ShardsOf(int64_t images) { return (images + kMicroShard - 1) / kMicroShard; }

}  // namespace fovea
#pragma GCC visibility pop
