// A photo brought to a detector's input as darknet does it: by bilinear interpolation with corners on corners.
#pragma once

#include <cstdint>

#include "fovea/data/photo/image.h"

namespace fovea {

enum class PhotoFit {
  kLetterbox,  // as large as it fits with its aspect kept, in the middle of grey: letterbox_image of pjreddie's darknet
  kStretch,  // to the whole input: resize_image, and the default of AlexeyAB's darknet
};

// Where the photo lies in the input, in pixels of it. The margins are halves of what is left, as darknet's boxes have it; its
// pixels start at whole ones.
struct PhotoPlacement {
  double left, top, width, height;
};

// Writes 3 * height * width values of 0 to 1 in plain (C,H,W) order. Throws ArgumentError for a side below 1.
PhotoPlacement PlacePhoto(const Image& image, int64_t width, int64_t height, PhotoFit fit, float* planar);

}  // namespace fovea
