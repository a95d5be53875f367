#include "fovea/data/photo/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/data/photo/jpeg.h"
#include "fovea/data/photo/png.h"

namespace fovea {
namespace {

constexpr int64_t kMaxFile = int64_t{1} << 30;
constexpr std::size_t kPrefix = 64 << 10;  // a header with a thumbnail fits most often

struct Signature {
  std::size_t at;
  std::string_view bytes, what;
};

constexpr Signature kSignatures[] = {
    {0, "GIF8", "a GIF"},
    {8, "WEBP", "a WebP"},
    {0, "BM", "a BMP"},
    {0, {"II*\0", 4}, "a TIFF"},
    {0, {"MM\0*", 4}, "a TIFF"},
    {4, "ftypavif", "an AVIF"},
    {4, "ftyphei", "a HEIC"},
    {4, "ftypmif1", "a HEIC"},
    {4, "ftyp", "a video"},
    {0, "8BPS", "a Photoshop file"},
    {0, "%PDF", "a PDF"},
    {0, "PK\3\4", "a ZIP archive"},
    {0, "\x1f\x8b", "a gzip file"},
    {0, "<", "a web page or XML"},
};

bool IsText(std::string_view bytes) {
  const auto head = bytes.substr(0, 64);
  return std::all_of(head.begin(), head.end(),
                     [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; });
}

std::string Describe(std::string_view bytes) {
  for (const Signature& known : kSignatures) {
    if (bytes.size() > known.at && bytes.substr(known.at).starts_with(known.bytes))
      return fmt::format("it begins as {}", known.what);
  }
  if (IsText(bytes)) return "it begins as text";
  std::string hex;
  for (const char c : bytes.substr(0, 4)) hex += fmt::format(" {:02x}", static_cast<uint8_t>(c));
  return "its first bytes are" + hex;
}

[[noreturn]] void Refuse(std::string_view bytes, const std::string& name) {
  if (bytes.empty())
    throw FormatError(fmt::format("{}: the file is empty, not a JPEG or PNG; remove it", name));
  throw FormatError(
      fmt::format("{}: not a JPEG or PNG ({}); convert it or remove it", name, Describe(bytes)));
}

PhotoSize SizeOf(std::string_view bytes, const std::string& name) {
  if (IsJpeg(bytes)) return ReadJpegSize(bytes, name);
  if (IsPng(bytes)) return ReadPngSize(bytes, name);
  Refuse(bytes, name);
}

// The first bytes of a regular file; empty for anything else, so that ReadFile explains.
std::string ReadStart(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return "";
  std::string bytes(kPrefix, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace

std::string ReadPhotoFile(const std::string& path) { return ReadFile(path, kMaxFile); }

Image DecodePhotoBytes(std::string_view bytes, const std::string& name, int64_t at_least) {
  if (IsJpeg(bytes)) return DecodeJpeg(bytes, name, at_least);
  if (IsPng(bytes)) return DecodePng(bytes, name);
  Refuse(bytes, name);
}

Image DecodePhoto(const std::string& path, int64_t at_least) {
  return DecodePhotoBytes(ReadPhotoFile(path), path, at_least);
}

PhotoSize ReadPhotoSize(const std::string& path) {
  const std::string start = ReadStart(path);
  try {
    if (!start.empty()) return SizeOf(start, path);
  } catch (const FormatError&) {
    if (start.size() < kPrefix) throw;
  }
  return SizeOf(ReadPhotoFile(path), path);  // a long preview or colour profile before the size
}

}  // namespace fovea
