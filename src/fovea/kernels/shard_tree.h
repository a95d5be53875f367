// The fixed binary tree up which the sums of micro-shards are added: neighbours in pairs, an odd one out
// moves up.
#pragma once

#include <cstdint>

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

}  // namespace fovea
