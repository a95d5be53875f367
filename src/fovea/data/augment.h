// Random changes of training images: each depends on (seed, epoch, image) alone.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/tensor/shape.h"

namespace fovea {

// Mirroring left and right.
//   kRandom     half of the images of an epoch, drawn anew in each
//   kAlternate  half of the images in epoch 0, the others in epoch 1, and so on in turn: any two epochs show all images
//               both ways round (Jordan 2024, arXiv:2404.00498)
enum class Flip { kNone, kRandom, kAlternate };

struct Augmentation {
  int64_t crop_padding = 0;  // shifts by up to so many pixels
  bool reflect = false;      // what a shift lets in: the image mirrored at its edge pixels, or zero bytes
  Flip flip = Flip::kNone;
  int64_t cutout = 0;               // side of a square that is blanked, its middle anywhere in the image
  double jitter = 0;                // brightness, contrast and saturation change by factors in 1 +- jitter
  std::vector<uint8_t> blank = {};  // what cutout leaves, one byte a channel; empty: 0

  bool Any() const { return crop_padding > 0 || flip != Flip::kNone || cutout > 0 || jitter > 0; }
};

// Writes the changed image of `shape` (C,H,W) from `pixels` to `changed`.
void Augment(const Augmentation& augmentation, const Shape& shape, RandomKey key, int64_t image,
             const uint8_t* pixels, uint8_t* changed);

}  // namespace fovea
