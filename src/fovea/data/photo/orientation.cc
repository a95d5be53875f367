#include "fovea/data/photo/orientation.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fovea {
namespace {

constexpr std::size_t kTiff = 6;  // after "Exif\0\0"; offsets count from here
constexpr uint32_t kOrientationTag = 0x0112, kShort = 3;

// Numbers of a TIFF block in its own byte order; 0 beyond the end.
class Tiff {
 public:
  explicit Tiff(std::span<const uint8_t> bytes) : bytes_(bytes), big_(bytes[0] == 'M') {}
  uint32_t Read(std::size_t at, std::size_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) return 0;
    uint32_t value = 0;
    for (std::size_t i = 0; i < count; i++) value = value << 8 | bytes_[at + (big_ ? i : count - 1 - i)];
    return value;
  }

 private:
  std::span<const uint8_t> bytes_;
  bool big_;
};

}  // namespace

int ReadOrientation(std::span<const uint8_t> segment) {
  if (segment.size() < kTiff + 8 || std::memcmp(segment.data(), "Exif\0", kTiff) != 0) return 1;
  const Tiff tiff(segment.subspan(kTiff));
  if (tiff.Read(2, 2) != 42) return 1;
  const std::size_t directory = tiff.Read(4, 4);
  const uint32_t entries = tiff.Read(directory, 2);
  for (uint32_t i = 0; i < entries; i++) {
    const std::size_t entry = directory + 2 + 12 * std::size_t{i};
    if (tiff.Read(entry, 2) != kOrientationTag || tiff.Read(entry + 2, 2) != kShort) continue;
    const uint32_t value = tiff.Read(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

PhotoSize Orient(const PhotoSize& size, int orientation) {
  return orientation >= 5 ? PhotoSize{size.height, size.width} : size;
}

Image Orient(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const PhotoSize seen = Orient(PhotoSize{image.width, image.height}, orientation);
  Image out{seen.width, seen.height, std::vector<uint8_t>(image.pixels.size())};
  const bool swap = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  uint8_t* to = out.pixels.data();
  for (int64_t y = 0; y < out.height; y++) {
    for (int64_t x = 0; x < out.width; x++, to += 3) {
      const int64_t u = swap ? y : x, v = swap ? x : y;
      const int64_t column = from_right ? image.width - 1 - u : u;
      const int64_t row = from_bottom ? image.height - 1 - v : v;
      std::copy_n(image.pixels.data() + (row * image.width + column) * 3, 3, to);
    }
  }
  return out;
}

}  // namespace fovea
