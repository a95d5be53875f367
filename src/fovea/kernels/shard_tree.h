// The fixed binary tree up which the sums of micro-shards are added: neighbours in pairs, an odd one out
// moves up.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "fovea/base/micro_shard.h"

namespace fovea {

// sum[i] = tree over j < shards of parts[j*stride + i], for i < kBlock: the largest power of two of shards on the
// left is what pairing neighbours level by level gives.
template <int64_t kBlock>
void AddUpTree(const float* parts, int64_t stride, int64_t shards, float* sum) {
  if (shards == 1) {
    std::copy_n(parts, kBlock, sum);
    return;
  }
  const auto left = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(shards - 1)));
  float right[kBlock];
  AddUpTree<kBlock>(parts, stride, left, sum);
  AddUpTree<kBlock>(parts + left * stride, stride, shards - left, right);
  for (int64_t i = 0; i < kBlock; i++) sum[i] += right[i];
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

using PairOfSums = std::array<double, 2>;

// The sum over a batch of n images of leaf(image), a double or a PairOfSums.
template <class Leaf>
auto SumShards(int64_t n, const Leaf& leaf) {
  using T = decltype(leaf(n));
  return MergeShards<T>(n, kMicroShard, leaf, [](const T& a, const T& b) {
    if constexpr (std::is_same_v<T, double>) {
      return a + b;
    } else {
      return T{a[0] + b[0], a[1] + b[1]};
    }
  });
}

}  // namespace fovea
