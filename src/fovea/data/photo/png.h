// PNG photos: every colour type, depth and interlacing. Transparent pixels lie over white. 16 bits are
// rounded to 8. Text, colour profiles, gamma and EXIF are ignored.
#pragma once

#include <string>
#include <string_view>

#include "fovea/data/photo/image.h"

namespace fovea {

bool IsPng(std::string_view bytes);

// Throws FormatError naming the photo for damaged, truncated and too large ones.
Image DecodePng(std::string_view bytes, const std::string& name);

// From the header alone. Throws FormatError.
PhotoSize ReadPngSize(std::string_view bytes, const std::string& name);

}  // namespace fovea
