// The fixed binary tree up which the sums of micro-shards are added: neighbours in pairs, an odd one out
// moves up.
#pragma once

#include <cstdint>
#include <vector>

namespace fovea {

// sum[i] = tree over j < shards of parts[j*stride + i], for i < count. Overwrites parts.
inline void AddUpTree(float* parts, int64_t stride, int64_t shards, int64_t count, float* sum) {
  for (; shards > 1; shards = (shards + 1) / 2) {
    for (int64_t j = 0; j < shards / 2; j++) {
      float *to = parts + j * stride, *a = parts + 2 * j * stride, *b = a + stride;
      for (int64_t i = 0; i < count; i++) to[i] = a[i] + b[i];
    }
    if (shards % 2 == 1) {
      float *to = parts + shards / 2 * stride, *last = parts + (shards - 1) * stride;
      for (int64_t i = 0; i < count; i++) to[i] = last[i];
    }
  }
  for (int64_t i = 0; i < count; i++) sum[i] = parts[i];
}

// Merges leaf(0) .. leaf(n - 1): in order within a shard of `shard` leaves, then up the tree.
template <class T, class Leaf, class Merge>
T MergeShards(int64_t n, int64_t shard, const Leaf& leaf, const Merge& merge) {
  std::vector<T> parts;
  for (int64_t i = 0; i < n; i++) {
    if (i % shard == 0) {
      parts.push_back(leaf(i));
    } else {
      parts.back() = merge(parts.back(), leaf(i));
    }
  }
  while (parts.size() > 1) {
    std::vector<T> up;
    for (std::size_t j = 0; j + 1 < parts.size(); j += 2) up.push_back(merge(parts[j], parts[j + 1]));
    if (parts.size() % 2 == 1) up.push_back(parts.back());
    parts.swap(up);
  }
  return parts.front();
}

}  // namespace fovea
