#include "fovea/data/photo/sample_photos.h"

#include <cstdio>
#include <cstdlib>

// After cstdio, which it needs.
#include <jpeglib.h>
#include <png.h>

namespace fovea {
namespace {

constexpr int kQuality = 97;

void WriteExif(jpeg_compress_struct& info, int orientation, bool big) {
  std::vector<uint8_t> bytes = {'E', 'x', 'i', 'f', 0, 0};
  const auto put = [&](uint32_t value, int count) {
    for (int i = 0; i < count; i++)
      bytes.push_back(static_cast<uint8_t>(value >> 8 * (big ? count - 1 - i : i)));
  };
  bytes.insert(bytes.end(), 2, big ? 'M' : 'I');
  put(42, 2), put(8, 4), put(2, 2);
  put(0x0100, 2), put(4, 2), put(1, 4), put(640, 4);  // a width first, to be passed over
  put(0x0112, 2), put(3, 2), put(1, 4), put(static_cast<uint32_t>(orientation), 2), put(0, 2);
  put(0, 4);
  jpeg_write_marker(&info, JPEG_APP0 + 1, bytes.data(), static_cast<unsigned>(bytes.size()));
}

void SetColour(jpeg_compress_struct& info, const JpegStyle& style) {
  const bool inks = style.colour == JpegColour::kCmyk || style.colour == JpegColour::kYcck;
  info.input_components = inks ? 4 : 3;
  info.in_color_space = inks ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&info);
  if (style.colour == JpegColour::kGrey) jpeg_set_colorspace(&info, JCS_GRAYSCALE);
  if (style.colour == JpegColour::kYcck) jpeg_set_colorspace(&info, JCS_YCCK);
  if (inks) info.write_Adobe_marker = style.adobe ? TRUE : FALSE;
  for (int c = 0; c < info.num_components; c++)  // whole chroma: the tests compare pixels
    info.comp_info[c].h_samp_factor = info.comp_info[c].v_samp_factor = 1;
}

std::vector<jpeg_scan_info> ManyScans() {
  std::vector<jpeg_scan_info> scans = {{1, {0}, 0, 0, 0, 0}};
  for (int k = 1; k < 64; k++) scans.push_back({1, {0}, k, k, 0, 1});
  for (int k = 1; k < 64; k++) scans.push_back({1, {0}, k, k, 1, 0});
  return scans;
}

// No black: the other inks alone make the colour.
std::vector<uint8_t> Inks(const uint8_t* rgb, int64_t width, bool inverted) {
  std::vector<uint8_t> line;
  for (int64_t x = 0; x < width; x++) {
    for (int c = 0; c < 3; c++) line.push_back(static_cast<uint8_t>(inverted ? *rgb++ : 255 - *rgb++));
    line.push_back(inverted ? 255 : 0);
  }
  return line;
}

void WriteRows(jpeg_compress_struct& info, const Image& image, bool adobe) {
  while (info.next_scanline < info.image_height) {
    const uint8_t* rgb = image.pixels.data() + info.next_scanline * static_cast<std::size_t>(image.width) * 3;
    std::vector<uint8_t> line(rgb, rgb + image.width * 3);
    if (info.input_components == 4) line = Inks(rgb, image.width, adobe);
    JSAMPROW row = line.data();
    jpeg_write_scanlines(&info, &row, 1);
  }
}

}  // namespace

Image SampleImage(int64_t width, int64_t height) {
  Image image{width, height, {}};
  for (int64_t y = 0; y < height; y++) {
    for (int64_t x = 0; x < width; x++) {
      image.pixels.push_back(static_cast<uint8_t>(20 + 200 * x / width));
      image.pixels.push_back(static_cast<uint8_t>(20 + 200 * y / height));
      image.pixels.push_back(static_cast<uint8_t>(20 + 100 * x / width + 100 * (height - y) / height));
    }
  }
  return image;
}

std::string JpegBytes(const Image& image, const JpegStyle& style) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.image_height = static_cast<JDIMENSION>(image.height);
  SetColour(info, style);
  jpeg_set_quality(&info, kQuality, TRUE);
  if (style.progressive) jpeg_simple_progression(&info);
  const std::vector<jpeg_scan_info> scans = ManyScans();
  if (style.many_scans) {
    info.scan_info = scans.data();
    info.num_scans = static_cast<int>(scans.size());
  }
  jpeg_start_compress(&info, TRUE);
  if (style.orientation > 0) WriteExif(info, style.orientation, style.big_endian);
  WriteRows(info, image, style.adobe);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string result(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return result;
}

std::string PngBytes(int64_t width, int64_t height, const std::vector<uint8_t>& rows, const PngStyle& style) {
  std::string result;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &result,
      [](png_structp to, png_bytep bytes, std::size_t count) {
        static_cast<std::string*>(png_get_io_ptr(to))->append(reinterpret_cast<char*>(bytes), count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), style.depth,
               style.type, style.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  std::vector<png_color> palette;
  for (std::size_t i = 0; i + 2 < style.palette.size(); i += 3)
    palette.push_back({style.palette[i], style.palette[i + 1], style.palette[i + 2]});
  if (!palette.empty()) png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
  if (!style.palette_alpha.empty()) {
    png_set_tRNS(png, info, style.palette_alpha.data(), static_cast<int>(style.palette_alpha.size()),
                 nullptr);
  }
  png_write_info(png, info);
  const std::size_t row = png_get_rowbytes(png, info);
  std::vector<uint8_t> copy = rows;
  std::vector<png_bytep> pointers;
  for (int64_t y = 0; y < height; y++) pointers.push_back(copy.data() + static_cast<std::size_t>(y) * row);
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return result;
}

}  // namespace fovea
