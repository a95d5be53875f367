#include "fovea/report/image_uri.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cmath>

#include "fovea/base/base64.h"
#include "fovea/base/checked.h"
#include "fovea/base/error.h"

namespace fovea {
namespace {

constexpr int64_t kLargestSide = 160;

// Planar, any number of channels -> interleaved, 1 or 3 channels, shrunk by `factor`.
std::vector<uint8_t> Interleave(const ByteImage& image, int64_t factor) {
  const int64_t colours = image.channels == 3 ? 3 : 1, mixed = image.channels == 3 ? 1 : image.channels;
  const int64_t height = CeilDivide(image.height, factor), width = CeilDivide(image.width, factor);
  std::vector<uint8_t> out;
  out.reserve(static_cast<std::size_t>(colours * height * width));
  const auto mean = [&](int64_t c, int64_t y, int64_t x) {
    int64_t sum = 0, count = 0;
    for (int64_t plane = c * mixed; plane < (c + 1) * mixed; ++plane) {
      for (int64_t v = y; v < std::min(y + factor, image.height); ++v) {
        for (int64_t u = x; u < std::min(x + factor, image.width); ++u, ++count) {
          sum += image.pixels[static_cast<std::size_t>((plane * image.height + v) * image.width + u)];
        }
      }
    }
    return static_cast<uint8_t>((sum + count / 2) / count);
  };
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < colours; ++c) out.push_back(mean(c, y * factor, x * factor));
    }
  }
  return out;
}

}  // namespace

std::string PngUri(const ByteImage& image) {
  const int64_t factor = CeilDivide(std::max(image.height, image.width), kLargestSide);
  const std::vector<uint8_t> pixels = Interleave(image, factor);
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(CeilDivide(image.width, factor));
  header.height = static_cast<png_uint_32>(CeilDivide(image.height, factor));
  header.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
  std::vector<uint8_t> bytes(size);
  if (!png_image_write_to_memory(&header, bytes.data(), &size, 0, pixels.data(), 0, nullptr)) {
    throw Error(fmt::format("cannot write a PNG of {}x{}: {}", header.width, header.height, header.message));
  }
  bytes.resize(size);
  return "data:image/png;base64," + EncodeBase64(bytes);
}

ByteImage FilterImage(std::span<const float> weights, int64_t channels, int64_t height, int64_t width) {
  float largest = 0;
  for (const float w : weights) {
    if (std::isfinite(w)) largest = std::max(largest, std::abs(w));
  }
  ByteImage image{channels, height, width, {}};
  for (const float w : weights) {
    const float scaled = largest > 0 && !std::isnan(w) ? std::clamp(w / largest, -1.0f, 1.0f) : 0.0f;
    image.pixels.push_back(static_cast<uint8_t>(std::floor(127.5f + 127.5f * scaled)));
  }
  return image;
}

}  // namespace fovea
