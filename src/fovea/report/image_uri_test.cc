#include "fovea/report/image_uri.h"

#include <gmock/gmock.h>
#include <png.h>

#include <cmath>
#include <string_view>

#include "fovea/base/base64.h"

namespace fovea {
namespace {

using ::testing::ElementsAre;

struct Decoded {
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> pixels;  // red, green, blue
};

Decoded Decode(const std::string& uri) {
  constexpr std::string_view kPrefix = "data:image/png;base64,";
  EXPECT_TRUE(uri.starts_with(kPrefix));
  const auto bytes = DecodeBase64(std::string_view(uri).substr(kPrefix.size()));
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&header, bytes.data(), bytes.size())) << header.message;
  header.format = PNG_FORMAT_RGB;
  Decoded out{header.width, header.height, std::vector<uint8_t>(PNG_IMAGE_SIZE(header))};
  EXPECT_TRUE(png_image_finish_read(&header, nullptr, out.pixels.data(), 0, nullptr)) << header.message;
  return out;
}

TEST(PngUri, HoldsThePixels) {
  const Decoded image = Decode(PngUri({3, 1, 2, {10, 20, 30, 40, 50, 60}}));
  EXPECT_EQ(image.width, 2u);
  EXPECT_EQ(image.height, 1u);
  EXPECT_THAT(image.pixels, ElementsAre(10, 30, 50, 20, 40, 60));
}

TEST(PngUri, ShowsOnePixelAndOddChannelsAsGrey) {
  EXPECT_THAT(Decode(PngUri({1, 1, 1, {77}})).pixels, ElementsAre(77, 77, 77));
  EXPECT_THAT(Decode(PngUri({4, 1, 1, {10, 20, 30, 41}})).pixels, ElementsAre(25, 25, 25));
}

TEST(PngUri, ShrinksLargeImagesToTheirMeans) {
  ByteImage image{1, 2, 161, std::vector<uint8_t>(322, 100)};
  image.pixels[0] = 200;
  const Decoded small = Decode(PngUri(image));
  EXPECT_EQ(small.width, 81u);
  EXPECT_EQ(small.height, 1u);
  EXPECT_EQ(small.pixels[0], 125);
  EXPECT_EQ(small.pixels[80 * 3], 100);
}

TEST(FilterImage, PutsZeroInTheMiddle) {
  const float weights[] = {-2, 0, 1, NAN, 2, INFINITY};
  EXPECT_THAT(FilterImage(weights, 1, 2, 3).pixels, ElementsAre(0, 127, 191, 127, 255, 255));
  const float zeros[] = {0, 0};
  EXPECT_THAT(FilterImage(zeros, 2, 1, 1).pixels, ElementsAre(127, 127));
}

}  // namespace
}  // namespace fovea
