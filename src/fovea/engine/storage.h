// How a value lies in a program's memory.
//   blocked  [N][ceil(C/16)][H][W][16], lanes beyond C are zero: every value but the image input
//   image    [N][H][W][C]: the network's input when C <= 4 and only convolutions read it
// Features (N, C) are maps of one pixel. A flattened map keeps the storage of its map; whoever reads it as
// features knows the order of the elements from (c, h, w). Users only ever see plain NCHW.
#pragma once

#include <cstdint>

#include "fovea/base/parallel.h"
#include "fovea/tensor/shape.h"

namespace fovea {

enum class Layout { kBlocked, kImage };

struct Storage {
  Layout layout = Layout::kBlocked;
  int64_t c = 0, h = 1, w = 1;

  // Floats of one image.
  int64_t Floats() const { return layout == Layout::kImage ? c * h * w : (c + 15) / 16 * 16 * h * w; }
  bool operator==(const Storage&) const = default;
};

// The blocked storage of a (N, C, H, W) or (N, C) value. Throws ShapeError for another rank.
Storage BlockedStorage(const Shape& shape);

// Copies n images from plain NCHW into storage and back; tail lanes are written as zero.
void FromPlain(ThreadPool& pool, const Storage& storage, int64_t n, const float* plain, float* stored);
void ToPlain(ThreadPool& pool, const Storage& storage, int64_t n, const float* stored, float* plain);

}  // namespace fovea
