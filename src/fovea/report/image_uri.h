// Small images inside a page.
#pragma once

#include <span>
#include <string>

#include "fovea/report/evaluation_record.h"

namespace fovea {

// "data:image/png;base64,..." of an image with 1 channel (grey), 3 (red, green, blue) or any other number
// (the mean of its channels, grey). An image with a side above 160 pixels is first shrunk by a whole factor,
// each pixel the mean of those it replaces.
std::string PngUri(const ByteImage& image);

// One filter (channels, height, width) as an image: 0 is mid-grey, the largest weight in size reaches black
// or white. NaN counts as 0.
ByteImage FilterImage(std::span<const float> weights, int64_t channels, int64_t height, int64_t width);

}  // namespace fovea
