// JPEG photos: baseline and progressive, grey, colour, CMYK and YCCK (inverted where Adobe's marker says so),
// turned upright by their EXIF orientation. Colour profiles are ignored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/data/photo/image.h"

namespace fovea {

bool IsJpeg(std::string_view bytes);

// With `at_least` > 0 the photo is decoded at 1/2, 1/4 or 1/8 of its size where both sides stay at least as
// long as that; much faster. Throws FormatError naming the photo for damaged, truncated and too large ones;
// of libjpeg's warnings only those that lose no pixels are passed over (stray bytes between segments,
// an unknown version).
Image DecodeJpeg(std::string_view bytes, const std::string& name, int64_t at_least = 0);

// From the segments before the pixels alone, upright. Throws FormatError.
PhotoSize ReadJpegSize(std::string_view bytes, const std::string& name);

}  // namespace fovea
