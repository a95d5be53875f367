// Photos for the tests, written by the libraries that write them in the world.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/data/photo/image.h"

namespace fovea {

// Smooth colours, different in every corner.
Image SampleImage(int64_t width, int64_t height);

enum class JpegColour { kRgb, kGrey, kCmyk, kYcck };

struct JpegStyle {
  JpegColour colour = JpegColour::kRgb;
  bool progressive = false;
  bool adobe = true;    // for inks: with Adobe's marker, inverted
  int orientation = 0;  // 1 to 8: in an EXIF segment
  bool big_endian = false;
  bool many_scans = false;  // 127, of a grey photo: each coefficient, each of two bits
};

std::string JpegBytes(const Image& image, const JpegStyle& style = {});

struct PngStyle {
  int depth = 8,
      type = 2;  // PNG's colour type: 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha
  bool interlaced = false;
  std::vector<uint8_t> palette = {}, palette_alpha = {};  // red, green, blue, ...; one alpha for each colour
};

// `rows`: the bytes of all rows as PNG packs them.
std::string PngBytes(int64_t width, int64_t height, const std::vector<uint8_t>& rows,
                     const PngStyle& style = {});

}  // namespace fovea
