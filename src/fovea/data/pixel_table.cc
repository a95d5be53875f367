#include "fovea/data/pixel_table.h"

namespace fovea {

PixelTable::PixelTable(const Preprocessing& preprocessing) {
  for (std::size_t c = 0; c < preprocessing.mean.size(); c++) {
    for (int v = 0; v < 256; v++) {
      values_.push_back(static_cast<float>((v / 255.0 - preprocessing.mean[c]) / preprocessing.deviation[c]));
    }
  }
}

void PixelTable::Apply(const Shape& shape, const uint8_t* pixels, float* input) const {
  const int64_t plane = shape[1] * shape[2];
  for (int64_t c = 0; c < shape[0]; c++) {
    const float* value = values_.data() + c * 256;
    for (int64_t i = c * plane; i < (c + 1) * plane; i++) input[i] = value[pixels[i]];
  }
}

}  // namespace fovea
