// Smaller and larger images, by a triangle filter that covers, when shrinking, every pixel that falls into
// the new one (antialiased bilinear). Integer weights: the same bits on every machine.
#pragma once

#include <cstdint>

#include "fovea/data/photo/image.h"

namespace fovea {

// Throws ArgumentError for a side below 1.
Image Resize(const Image& image, int64_t width, int64_t height);

// The middle of the image at the least size that covers width x height, with its aspect kept: the side that
// would be short fits exactly and the other is cut equally at both ends. Writes 3 * height * width bytes in
// plain (C,H,W) order. Throws ArgumentError for a side below 1.
void CoverCrop(const Image& image, int64_t width, int64_t height, uint8_t* planar);

}  // namespace fovea
