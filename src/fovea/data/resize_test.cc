#include "fovea/data/photo/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "fovea/base/error.h"
#include "fovea/base/random.h"
#include "fovea/data/photo/sample_photos.h"

namespace fovea {
namespace {

Image Noise(int64_t width, int64_t height, uint64_t seed) {
  RandomStream random({seed, Purpose::kTest}, 0);
  Image image{width, height, std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3))};
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(random.Below(256));
  return image;
}

double Triangle(double distance, double reach) { return std::max(1 - std::abs(distance) / reach, 0.0); }

// The definition: one sum over the whole image for each pixel, at position (x, y) of a width x height result.
double Reference(const Image& image, int64_t width, int64_t height, int64_t x, int64_t y, int64_t c) {
  const double sx = static_cast<double>(image.width) / static_cast<double>(width),
               sy = static_cast<double>(image.height) / static_cast<double>(height);
  double sum = 0, weights = 0;
  for (int64_t v = 0; v < image.height; v++) {
    const double wy =
        Triangle(static_cast<double>(v) + 0.5 - (static_cast<double>(y) + 0.5) * sy, std::max(sy, 1.0));
    if (wy == 0) continue;
    for (int64_t u = 0; u < image.width; u++) {
      const double w = wy * Triangle(static_cast<double>(u) + 0.5 - (static_cast<double>(x) + 0.5) * sx,
                                     std::max(sx, 1.0));
      sum += w * image.pixels[static_cast<std::size_t>((v * image.width + u) * 3 + c)];
      weights += w;
    }
  }
  return sum / weights;
}

TEST(Resize, IsWithinOneLevelOfTheDefinition) {
  const int64_t sizes[][4] = {
      {31, 23, 7, 9}, {8, 6, 21, 17}, {64, 5, 9, 20}, {13, 13, 13, 13}, {50, 40, 1, 1}};
  for (const auto& [in_width, in_height, width, height] : sizes) {
    const Image image = Noise(in_width, in_height, 3), out = Resize(image, width, height);
    ASSERT_EQ(out.width * out.height * 3, static_cast<int64_t>(out.pixels.size()));
    for (int64_t i = 0; i < width * height * 3; i++) {
      const double expected = Reference(image, width, height, i / 3 % width, i / 3 / width, i % 3);
      EXPECT_NEAR(out.pixels[static_cast<std::size_t>(i)], expected,
                  1.001);  // two roundings, of half a level
    }
  }
}

TEST(Resize, KeepsTheSameSizeAndOneColour) {
  const Image image = Noise(13, 9, 4);
  EXPECT_EQ(Resize(image, 13, 9).pixels, image.pixels);
  const Image flat{100, 70, std::vector<uint8_t>(100 * 70 * 3, 255)};
  EXPECT_EQ(Resize(flat, 37, 11).pixels, std::vector<uint8_t>(37 * 11 * 3, 255));
  EXPECT_EQ(Resize({1, 1, {5, 6, 7}}, 2, 1).pixels, (std::vector<uint8_t>{5, 6, 7, 5, 6, 7}));
  EXPECT_THROW(Resize(image, 0, 3), ArgumentError);
}

// FNV-1a of the pixels: a change of this number makes old results impossible to repeat.
TEST(Resize, IsTheSameBytesEverywhere) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t byte : Resize(Noise(97, 61, 5), 40, 33).pixels) hash = (hash ^ byte) * 0x100000001b3;
  EXPECT_EQ(hash, 0xfa9ba061b0268f9b);
}

TEST(CoverCrop, TakesTheMiddle) {
  for (const auto& [width, height] : {std::pair<int64_t, int64_t>{60, 30}, {30, 60}, {45, 45}}) {
    const Image image = Noise(width, height, 6);
    std::vector<uint8_t> planar(3 * 15 * 15);
    CoverCrop(image, 15, 15, planar.data());
    const int64_t across = width * 15 / std::min(width, height), down = height * 15 / std::min(width, height);
    const Image whole = Resize(image, across, down);
    for (int64_t i = 0; i < 15 * 15 * 3; i++) {
      const int64_t c = i / 225, y = i % 225 / 15 + (down - 15) / 2, x = i % 15 + (across - 15) / 2;
      EXPECT_EQ(planar[static_cast<std::size_t>(i)],
                whole.pixels[static_cast<std::size_t>((y * across + x) * 3 + c)]);
    }
  }
}

TEST(CoverCrop, HoldsForThinAndTinyImages) {
  std::vector<uint8_t> planar(3 * 32 * 48);
  for (const auto& [width, height] :
       {std::pair<int64_t, int64_t>{1, 1}, {1, 5000}, {5000, 1}, {3, 2}, {999, 7}}) {
    const Image image{width, height, std::vector<uint8_t>(static_cast<std::size_t>(width * height * 3), 77)};
    CoverCrop(image, 32, 48, planar.data());
    EXPECT_EQ(planar, std::vector<uint8_t>(planar.size(), 77));
  }
}

}  // namespace
}  // namespace fovea
