#include "fovea/data/photo/png.h"

#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>

#include "fovea/base/error.h"

namespace fovea {
namespace {

struct Source {
  std::string_view bytes;
  std::size_t at = 0;
  char message[160] = "out of memory";
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  auto* source = static_cast<Source*>(png_get_error_ptr(png));
  std::snprintf(source->message, sizeof source->message, "%s", message);
  png_longjmp(png, 1);
}

void OnWarning(png_structp, png_const_charp) {}

void OnRead(png_structp png, png_bytep to, std::size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->bytes.size() - source->at) png_error(png, "the file ends early");
  std::memcpy(to, source->bytes.data() + source->at, count);
  source->at += count;
}

// Red, green, blue and alpha over white, in place: the first three quarters are the result.
void FlattenOverWhite(std::vector<uint8_t>& pixels) {
  uint8_t* to = pixels.data();
  for (std::size_t i = 0; i < pixels.size(); i += 4) {
    const int alpha = pixels[i + 3];
    for (std::size_t c = 0; c < 3; c++)
      *to++ = static_cast<uint8_t>((pixels[i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
  }
  pixels.resize(pixels.size() / 4 * 3);
}

// Every call of libpng that may fail stands in a Try function, which returns false when libpng gave up. They
// hold nothing that has a destructor, because libpng leaves them by a long jump.
class PngReader {
 public:
  PngReader(std::string_view bytes, const std::string& name) : name_(name) { source_.bytes = bytes; }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  void ReadHeader() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source_, OnError, OnWarning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr || !TryHeader()) Fail();
    CheckPhotoSize(name_, Size().width, Size().height);
  }

  PhotoSize Size() const { return {png_get_image_width(png_, info_), png_get_image_height(png_, info_)}; }

  Image ReadPixels() {
    if (!TryTransform()) Fail();
    const PhotoSize size = Size();
    const std::size_t row = png_get_rowbytes(png_, info_);
    Image image{size.width, size.height, std::vector<uint8_t>(row * static_cast<std::size_t>(size.height))};
    for (std::size_t at = 0; at < image.pixels.size(); at += row) rows_.push_back(image.pixels.data() + at);
    if (!TryRows()) Fail();
    if (png_get_channels(png_, info_) == 4) FlattenOverWhite(image.pixels);
    return image;
  }

 private:
  bool TryHeader() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    // Unpacked, a megabyte of texts and profiles could fill the memory.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_read_fn(png_, &source_, OnRead);
    png_read_info(png_, info_);
    return true;
  }

  bool TryTransform() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);
    png_set_scale_16(png_);
    png_set_gray_to_rgb(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }

  bool TryRows() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows_.data());
    png_read_end(png_, nullptr);
    return true;
  }

  [[noreturn]] void Fail() const {
    throw FormatError(
        fmt::format("{}: damaged or truncated PNG: {} (near byte {} of {}); get it again or remove it", name_,
                    source_.message, source_.at, source_.bytes.size()));
  }

  const std::string& name_;
  Source source_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<png_bytep> rows_;
};

}  // namespace

bool IsPng(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

Image DecodePng(std::string_view bytes, const std::string& name) {
  PngReader reader(bytes, name);
  reader.ReadHeader();
  return reader.ReadPixels();
}

PhotoSize ReadPngSize(std::string_view bytes, const std::string& name) {
  PngReader reader(bytes, name);
  reader.ReadHeader();
  return reader.Size();
}

}  // namespace fovea
