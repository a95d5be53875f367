// Random changes of training images: each depends on (seed, epoch, image) alone.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/tensor/shape.h"

namespace fovea {

struct Augmentation {
  int64_t crop_padding = 0;         // shifts by up to so many pixels, edges filled with zero bytes
  bool flip = false;                // mirrors left and right, half of the time
  int64_t cutout = 0;               // side of a square that is blanked, its middle anywhere in the image
  double jitter = 0;                // brightness, contrast and saturation change by factors in 1 +- jitter
  std::vector<uint8_t> blank = {};  // what cutout leaves, one byte a channel; empty: 0

  bool Any() const { return crop_padding > 0 || flip || cutout > 0 || jitter > 0; }
};

// Writes the changed image of `shape` (C,H,W) from `pixels` to `changed`.
void Augment(const Augmentation& augmentation, const Shape& shape, RandomKey key, int64_t image,
             const uint8_t* pixels, uint8_t* changed);

}  // namespace fovea
