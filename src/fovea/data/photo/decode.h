// Photos in files: JPEG and PNG, recognised by their first bytes and never by the name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fovea/data/photo/image.h"

namespace fovea {

// The whole photo, upright. `at_least` > 0 lets a JPEG be decoded smaller, both sides staying at least as
// long (jpeg.h). Throws IoError when the file cannot be read; FormatError, naming it, when it is damaged, too
// large, or no JPEG or PNG: then the message says what it begins as.
Image DecodePhoto(const std::string& path, int64_t at_least = 0);

// The same from bytes; `name` is for messages.
Image DecodePhotoBytes(std::string_view bytes, const std::string& name, int64_t at_least = 0);

// Width and height, upright, from the header: reads a small part of the file. Throws as DecodePhoto; a good
// header says nothing about the pixels.
PhotoSize ReadPhotoSize(const std::string& path);

// The bytes of a photo's file. Throws IoError; FormatError above 1 GiB.
std::string ReadPhotoFile(const std::string& path);

}  // namespace fovea
