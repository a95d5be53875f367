#include "fovea/data/augment.h"

#include <algorithm>
#include <cmath>

#include "fovea/data/shift.h"

namespace fovea {
namespace {

// Whether an image is mirrored; a random flip draws from the image's stream.
bool Flips(Flip flip, RandomKey key, uint64_t image, RandomStream& random) {
  if (flip == Flip::kRandom) return random.Below(2) == 1;
  if (flip == Flip::kNone) return false;
  const bool first = RandomStream({key.seed, Purpose::kFlip}, image).Below(2) == 1;
  return first != (key.epoch % 2 == 1);
}

// DeVries & Taylor 2017, arXiv:1708.04552.
void Cutout(const Augmentation& augmentation, const Shape& shape, RandomStream& random, uint8_t* image) {
  const int64_t h = shape[1], w = shape[2], side = augmentation.cutout;
  const int64_t top = static_cast<int64_t>(random.Below(static_cast<uint32_t>(h))) - side / 2;
  const int64_t left = static_cast<int64_t>(random.Below(static_cast<uint32_t>(w))) - side / 2;
  const int64_t begin = std::max<int64_t>(left, 0), end = std::min(left + side, w);
  for (int64_t c = 0; c < shape[0]; c++) {
    const uint8_t blank =
        augmentation.blank.empty() ? uint8_t{0} : augmentation.blank[static_cast<std::size_t>(c)];
    for (int64_t y = std::max<int64_t>(top, 0); y < std::min(top + side, h); y++) {
      std::fill(image + (c * h + y) * w + begin, image + (c * h + y) * w + end, blank);
    }
  }
}

uint8_t ToByte(double v) { return static_cast<uint8_t>(std::floor(std::clamp(v, 0.0, 255.0) + 0.5)); }

// The grey value of a pixel of three planes (ITU-R BT.601), or its one channel.
double Grey(const uint8_t* image, int64_t channels, int64_t plane, int64_t i) {
  if (channels != 3) return image[i];
  return 0.299 * image[i] + 0.587 * image[plane + i] + 0.114 * image[2 * plane + i];
}

// Brightness about black, contrast about the mean grey, saturation about each pixel's grey.
void Jitter(double strength, const Shape& shape, RandomStream& random, uint8_t* image) {
  const auto factor = [&] { return random.Uniform(1 - strength, 1 + strength); };
  const double brightness = factor(), contrast = factor(), saturation = factor();
  const int64_t plane = shape[1] * shape[2];
  double mean = 0;
  for (int64_t i = 0; i < plane; i++) mean += Grey(image, shape[0], plane, i);
  mean = brightness * mean / static_cast<double>(plane);
  for (int64_t i = 0; i < plane; i++) {
    const double grey = Grey(image, shape[0], plane, i);
    for (int64_t c = 0; c < shape[0]; c++) {
      uint8_t& v = image[c * plane + i];
      const double saturated = grey + saturation * (v - grey);
      v = ToByte(mean + contrast * (brightness * saturated - mean));
    }
  }
}

}  // namespace

void Augment(const Augmentation& augmentation, const Shape& shape, RandomKey key, int64_t image,
             const uint8_t* pixels, uint8_t* changed) {
  RandomStream random(key, static_cast<uint64_t>(image));
  const auto reach = static_cast<uint32_t>(2 * augmentation.crop_padding + 1);
  Shift shift{.reflect = augmentation.reflect};
  shift.dy = static_cast<int64_t>(random.Below(reach)) - augmentation.crop_padding;
  shift.dx = static_cast<int64_t>(random.Below(reach)) - augmentation.crop_padding;
  shift.mirror = Flips(augmentation.flip, key, static_cast<uint64_t>(image), random);
  ShiftImage(shift, shape, pixels, changed);
  if (augmentation.jitter > 0) Jitter(augmentation.jitter, shape, random, changed);
  if (augmentation.cutout > 0) Cutout(augmentation, shape, random, changed);
}

}  // namespace fovea
