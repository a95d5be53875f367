// A decoded photo, and the limit that every decoder holds before it allocates.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

struct Image {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> pixels;  // red, green, blue, row after row
};

struct PhotoSize {
  int64_t width = 0, height = 0;
};

constexpr int64_t kMaxPhotoPixels = 100'000'000;

// Throws FormatError naming the photo when width * height is above kMaxPhotoPixels, or a side is below 1.
void CheckPhotoSize(const std::string& name, int64_t width, int64_t height);

}  // namespace fovea
