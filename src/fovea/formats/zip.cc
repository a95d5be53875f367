#include "fovea/formats/zip.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <memory>

#include "fovea/base/error.h"

namespace fovea {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{1} << 32;
constexpr zip_uint64_t kMaxEntries = 100000;
constexpr uint64_t kMaxRatio = 1032;  // of deflate, which NumPy uses

using Archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;
using File = std::unique_ptr<zip_file_t, int (*)(zip_file_t*)>;

// A source in memory and the archive in it; the source is the caller's too, to be read again.
struct Opened {
  Archive archive;
  zip_source_t* source;
};

Opened Open(const std::string& path, const void* bytes, std::size_t size, int flags) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes, size, 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, flags, &error);
  if (archive == nullptr) {
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    zip_source_free(source);
    throw FormatError(fmt::format("{}: not a zip archive: {}", path, reason));
  }
  zip_error_fini(&error);
  return {Archive(archive, zip_discard), source};
}

std::string ReadEntry(const std::string& where, zip_t* archive, zip_uint64_t index, uint64_t& left) {
  const File file(zip_fopen_index(archive, index, 0), zip_fclose);
  if (!file) throw FormatError(fmt::format("{}: {}", where, zip_strerror(archive)));
  std::string bytes;
  char block[1 << 16];
  for (;;) {
    const zip_int64_t got = zip_fread(file.get(), block, sizeof block);
    if (got < 0) throw FormatError(fmt::format("{}: {}", where, zip_file_strerror(file.get())));
    if (got == 0) return bytes;
    if (static_cast<uint64_t>(got) > left)
      throw FormatError(fmt::format("{}: more bytes than an archive of its size may hold", where));
    left -= static_cast<uint64_t>(got);
    bytes.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::vector<ZipEntry> ReadZip(const std::string& path, const std::string& bytes) {
  const Opened opened = Open(path, bytes.data(), bytes.size(), ZIP_RDONLY | ZIP_CHECKCONS);
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(opened.archive.get(), 0));
  if (count > kMaxEntries)
    throw FormatError(fmt::format("{}: {} entries; at most {} are read", path, count, kMaxEntries));
  uint64_t left = std::min(kMaxBytes, kMaxRatio * bytes.size());
  std::vector<ZipEntry> entries;
  for (zip_uint64_t i = 0; i < count; i++) {
    const char* name = zip_get_name(opened.archive.get(), i, 0);
    if (name == nullptr) throw FormatError(fmt::format("{}: entry {} has no name", path, i));
    entries.push_back({name, ReadEntry(fmt::format("{}: {}", path, name), opened.archive.get(), i, left)});
  }
  return entries;
}

std::string SerialiseZip(const std::vector<ZipEntry>& entries) {
  Opened opened = Open("the archive", nullptr, 0, ZIP_TRUNCATE);
  zip_t* archive = opened.archive.get();
  zip_source_keep(opened.source);
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(opened.source, zip_source_free);
  for (const ZipEntry& entry : entries) {
    zip_source_t* source = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
    const zip_int64_t index =
        source == nullptr ? -1 : zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      throw ArgumentError(fmt::format("array \"{}\": {}", entry.name, zip_strerror(archive)));
    }
    const auto at = static_cast<zip_uint64_t>(index);
    zip_set_file_compression(archive, at, ZIP_CM_STORE, 0);
    zip_file_set_mtime(archive, at, 315532800, 0);  // 1980, where the dates of zip begin
  }
  if (zip_close(archive) != 0)
    throw IoError(fmt::format("cannot make an archive: {}", zip_strerror(archive)));
  (void)opened.archive.release();
  zip_stat_t info;
  zip_source_stat(opened.source, &info);
  std::string bytes(info.size, '\0');
  zip_source_open(opened.source);
  zip_source_read(opened.source, bytes.data(), bytes.size());
  zip_source_close(opened.source);
  return bytes;
}

}  // namespace fovea
