#include "fovea/data/photo/jpeg.h"

#include <fmt/format.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <vector>

#include "fovea/base/error.h"
#include "fovea/data/photo/orientation.h"

// After cstdio, which it needs.
#include <jerror.h>
#include <jpeglib.h>

namespace fovea {
namespace {

constexpr int kMaxScans = 100;  // encoders write about ten; each costs a pass over the whole photo
constexpr int kExifMarker = JPEG_APP0 + 1;

// libjpeg knows only the first member.
struct Trap {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void OnError(j_common_ptr info) {
  Trap* trap = reinterpret_cast<Trap*>(info->err);
  info->err->format_message(info, trap->message);
  std::longjmp(trap->jump, 1);
}

bool LosesNothing(int warning) {
  return warning == JWRN_EXTRANEOUS_DATA || warning == JWRN_JFIF_MAJOR || warning == JWRN_ADOBE_XFORM;
}

void OnMessage(j_common_ptr info, int level) {
  if (level < 0 && !LosesNothing(info->err->msg_code)) OnError(info);
}

void OnProgress(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  Trap* trap = reinterpret_cast<Trap*>(info->err);
  std::snprintf(trap->message, sizeof trap->message, "More than %d scans", kMaxScans);
  std::longjmp(trap->jump, 1);
}

// 1/n of the size, n = 8, 4 or 2, where both sides stay at least `at_least`.
unsigned ScaleFor(const jpeg_decompress_struct& info, int64_t at_least) {
  for (const unsigned n : {8u, 4u, 2u}) {
    const unsigned shorter = std::min(info.image_width, info.image_height);
    if (at_least > 0 && (shorter + n - 1) / n >= at_least) return n;
  }
  return 1;
}

// One row of cyan, magenta, yellow and black; inverted (0 is full ink) as Adobe writes it.
void InkToRgb(const std::vector<uint8_t>& line, bool inverted, uint8_t* rgb) {
  for (std::size_t i = 0; i < line.size(); i += 4) {
    const int flip = inverted ? 0 : 255, black = line[i + 3] ^ flip;
    for (std::size_t c = 0; c < 3; c++)
      *rgb++ = static_cast<uint8_t>(((line[i + c] ^ flip) * black + 127) / 255);
  }
}

// Every call of libjpeg stands in a Try function, which returns false when libjpeg gave up. They hold nothing
// that has a destructor, because libjpeg leaves them by a long jump.
class JpegReader {
 public:
  JpegReader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  void ReadHeader() {
    if (!TryHeader()) Fail();
    CheckPhotoSize(name_, info_.image_width, info_.image_height);
  }

  PhotoSize Size() const { return {info_.image_width, info_.image_height}; }

  int Orientation() const {
    for (auto* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      if (marker->marker != kExifMarker) continue;
      const int found = ReadOrientation({marker->data, marker->data_length});
      if (found != 1) return found;
    }
    return 1;
  }

  Image ReadPixels(int64_t at_least) {
    const bool inks = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    info_.out_color_space = inks ? JCS_CMYK : JCS_RGB;
    info_.scale_denom = ScaleFor(info_, at_least);
    info_.dct_method = JDCT_ISLOW;  // the one with the same bits on every machine
    if (!TryStart()) Fail();
    Image image{info_.output_width, info_.output_height, {}};
    const std::size_t width = info_.output_width, row = width * 3;
    image.pixels.resize(row * info_.output_height);
    std::vector<uint8_t> line(inks ? width * 4 : 0);
    for (uint8_t* to = image.pixels.data(); info_.output_scanline < info_.output_height; to += row) {
      if (!TryRow(inks ? line.data() : to)) Fail();
      if (inks) InkToRgb(line, info_.saw_Adobe_marker != 0, to);
    }
    if (!TryFinish()) Fail();
    return image;
  }

 private:
  bool TryHeader() {
    info_.err = jpeg_std_error(&trap_.manager);
    trap_.manager.error_exit = OnError;
    trap_.manager.emit_message = OnMessage;
    progress_.progress_monitor = OnProgress;
    if (setjmp(trap_.jump) != 0) return false;
    jpeg_create_decompress(&info_);
    info_.progress = &progress_;
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_save_markers(&info_, kExifMarker, 0xffff);
    jpeg_read_header(&info_, TRUE);
    return true;
  }

  bool TryStart() {
    if (setjmp(trap_.jump) != 0) return false;
    jpeg_start_decompress(&info_);
    return true;
  }

  bool TryRow(uint8_t* row) {
    if (setjmp(trap_.jump) != 0) return false;
    jpeg_read_scanlines(&info_, &row, 1);
    return true;
  }

  bool TryFinish() {
    if (setjmp(trap_.jump) != 0) return false;
    jpeg_finish_decompress(&info_);
    return true;
  }

  [[noreturn]] void Fail() const {
    const std::size_t left = info_.src == nullptr ? 0 : info_.src->bytes_in_buffer;
    throw FormatError(
        fmt::format("{}: damaged or truncated JPEG: {} (near byte {} of {}); get it again or remove it",
                    name_, trap_.message, bytes_.size() - std::min(left, bytes_.size()), bytes_.size()));
  }

  std::string_view bytes_;
  const std::string& name_;
  Trap trap_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

}  // namespace

bool IsJpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }

Image DecodeJpeg(std::string_view bytes, const std::string& name, int64_t at_least) {
  JpegReader reader(bytes, name);
  reader.ReadHeader();
  const int orientation = reader.Orientation();  // the end of the pixels frees it
  return Orient(reader.ReadPixels(at_least), orientation);
}

PhotoSize ReadJpegSize(std::string_view bytes, const std::string& name) {
  JpegReader reader(bytes, name);
  reader.ReadHeader();
  return Orient(reader.Size(), reader.Orientation());
}

}  // namespace fovea
