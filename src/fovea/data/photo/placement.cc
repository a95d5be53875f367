#include "fovea/data/photo/placement.h"

#include <algorithm>
#include <vector>

#include "fovea/base/error.h"

namespace fovea {
namespace {

constexpr float kGrey = 0.5f;

// Two pixels of a line that make one of a longer or shorter one.
struct Tap {
  int64_t first, second;
  float share;  // of the second
};

std::vector<Tap> TapsOf(int64_t from, int64_t to) {
  std::vector<Tap> taps;
  for (int64_t i = 0; i < to; i++) {
    if (i == to - 1) {
      taps.push_back({from - 1, from - 1, 0});
      continue;
    }
    const int64_t numerator = i * (from - 1), first = numerator / (to - 1);
    taps.push_back({first, std::min(first + 1, from - 1),
                    static_cast<float>(numerator % (to - 1)) / static_cast<float>(to - 1)});
  }
  return taps;
}

float Between(float a, float b, float share) { return a + share * (b - a); }

}  // namespace

PhotoPlacement PlacePhoto(const Image& image, int64_t width, int64_t height, PhotoFit fit, float* planar) {
  if (width < 1 || height < 1) throw ArgumentError("a photo is brought to sides of 1 or more");
  int64_t w = width, h = height;
  if (fit == PhotoFit::kLetterbox) {
    const bool wide = width * image.height < height * image.width;
    if (wide) h = std::max<int64_t>(1, image.height * width / image.width);
    if (!wide) w = std::max<int64_t>(1, image.width * height / image.height);
  }
  std::fill_n(planar, 3 * width * height, kGrey);
  const std::vector<Tap> rows = TapsOf(image.height, h), columns = TapsOf(image.width, w);
  const auto pixel = [&](int64_t row, int64_t column, int64_t c) {
    return static_cast<float>(image.pixels[static_cast<std::size_t>((row * image.width + column) * 3 + c)]) /
           255;
  };
  for (int64_t c = 0; c < 3; c++) {
    for (int64_t y = 0; y < h; y++) {
      const Tap& row = rows[static_cast<std::size_t>(y)];
      float* line = planar + (c * height + (height - h) / 2 + y) * width + (width - w) / 2;
      for (int64_t x = 0; x < w; x++) {
        const Tap& column = columns[static_cast<std::size_t>(x)];
        const auto at = [&](int64_t r) {
          return Between(pixel(r, column.first, c), pixel(r, column.second, c), column.share);
        };
        line[x] = Between(at(row.first), at(row.second), row.share);
      }
    }
  }
  const auto half = [](int64_t extent) { return static_cast<double>(extent) / 2; };
  return {half(width - w), half(height - h), static_cast<double>(w), static_cast<double>(h)};
}

}  // namespace fovea
