// How a value lies in a program's memory.
//   blocked  [N][ceil(C/16)][H][W][16], lanes beyond C are zero: every value but the image input
//   turned   the same for a value (N, H, W, C), whose channels are its last axis (engine/turned.h)
//   image    [N][H][W][C]: the network's input when C <= 4 and only convolutions read it
// Numbers are floats; in a program of Precision::kBfloat16 those of blocked maps (N, C, H, W) are Bfloat16.
// Features (N, C) are maps of one pixel; other values are taken for maps too. A flattened map keeps the storage of its map; whoever reads it as
// features knows the order of the elements from (c, h, w). Users only ever see plain NCHW.
#pragma once

#include <cstdint>

#include "fovea/base/parallel.h"
#include "fovea/kernels/isa/bfloat16.h"
#include "fovea/tensor/shape.h"

namespace fovea {

enum class Layout { kBlocked, kTurned, kImage };

// Of one number. Buffers are counted in floats; two kBfloat16 share one.
enum class Element { kFloat, kBfloat16 };

struct Storage {
  Layout layout = Layout::kBlocked;
  int64_t c = 0, h = 1, w = 1;
  Element element = Element::kFloat;

  // Numbers of one image, and the floats that they take.
  int64_t Numbers() const { return layout == Layout::kImage ? c * h * w : (c + 15) / 16 * 16 * h * w; }
  int64_t Floats() const { return element == Element::kFloat ? Numbers() : Numbers() / 2; }
  // The same numbers as floats.
  Storage Widened() const { return {layout, c, h, w}; }
  // Whether it is stored in blocks of channels.
  bool InBlocks() const { return layout != Layout::kImage; }
  // Where the number (channel, pixel) of an image stands in the plain order of the value.
  int64_t PlainPlace(int64_t channel, int64_t pixel) const {
    return layout == Layout::kTurned ? pixel * c + channel : channel * h * w + pixel;
  }
  bool operator==(const Storage&) const = default;
};

// A buffer of T = float or Bfloat16.
template <class T>
const T* As(const float* buffer) {
  return reinterpret_cast<const T*>(buffer);
}
template <class T>
T* As(float* buffer) {
  return reinterpret_cast<T*>(buffer);
}

// The blocked storage of a value (N, C, ...): its last axis is w, those between it and C make h. Throws ShapeError for a scalar.
Storage BlockedStorage(const Shape& shape);

// The turned storage of a value (N, H, W, C).
Storage TurnedStorage(const Shape& shape);

// Copies n images from the plain order into storage, rounded where it is Bfloat16, and back; tail lanes are written as zero.
void FromPlain(ThreadPool& pool, const Storage& storage, int64_t n, const float* plain, float* stored);
void ToPlain(ThreadPool& pool, const Storage& storage, int64_t n, const float* stored, float* plain);

}  // namespace fovea
