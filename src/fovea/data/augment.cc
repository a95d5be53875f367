#include "fovea/data/augment.h"

namespace fovea {

void Augment(const Augmentation& augmentation, const Shape& shape, RandomKey key, int64_t image,
             const uint8_t* pixels, uint8_t* changed) {
  RandomStream random(key, static_cast<uint64_t>(image));
  const auto reach = static_cast<uint32_t>(2 * augmentation.crop_padding + 1);
  const int64_t dy = static_cast<int64_t>(random.Below(reach)) - augmentation.crop_padding;
  const int64_t dx = static_cast<int64_t>(random.Below(reach)) - augmentation.crop_padding;
  const bool flip = augmentation.flip && random.Below(2) == 1;
  const int64_t h = shape[1], w = shape[2];
  for (int64_t c = 0; c < shape[0]; c++) {
    for (int64_t y = 0; y < h; y++) {
      for (int64_t x = 0; x < w; x++) {
        const int64_t from_y = y + dy, shifted = x + dx, from_x = flip ? w - 1 - shifted : shifted;
        const bool inside = from_y >= 0 && from_y < h && from_x >= 0 && from_x < w;
        *changed++ = inside ? pixels[(c * h + from_y) * w + from_x] : uint8_t{0};
      }
    }
  }
}

}  // namespace fovea
