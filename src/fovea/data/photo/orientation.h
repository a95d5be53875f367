// How a camera was held: EXIF orientation 1 to 8.
//   1 upright   2 mirrored   3 upside down   4 3 mirrored
//   5 transposed   6 to be turned clockwise   7 transposed along the other diagonal   8 anticlockwise
// Source: CIPA DC-008 (Exif 2.32), tag 274.
#pragma once

#include <cstdint>
#include <span>

#include "fovea/data/photo/image.h"

namespace fovea {

// The orientation in the bytes of a JPEG's APP1 segment (after its length). 1 where the segment is none of
// EXIF, holds none, or is damaged: a photo is readable without it.
int ReadOrientation(std::span<const uint8_t> segment);

// The size of a photo, and the photo, as it is to be seen.
PhotoSize Orient(const PhotoSize& size, int orientation);
Image Orient(Image image, int orientation);

}  // namespace fovea
