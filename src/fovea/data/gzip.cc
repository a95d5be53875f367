#include "fovea/data/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {

std::string ReadGzip(const std::string& path, int64_t max_bytes) {
  const std::string packed = ReadFile(path, max_bytes);
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) throw IoError(path + ": no memory to decompress it");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // only read
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string plain;
  int state = Z_OK;
  while (state == Z_OK) {
    constexpr std::size_t kStep = 1 << 20;
    const std::size_t before = plain.size();
    plain.resize(before + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(plain.data() + before);
    stream.avail_out = kStep;
    state = inflate(&stream, Z_NO_FLUSH);
    plain.resize(plain.size() - stream.avail_out);
    if (static_cast<int64_t>(plain.size()) > max_bytes) {
      throw FormatError(fmt::format("{}: it decompresses to more than {} bytes", path, max_bytes));
    }
    // A file of several members goes on.
    if (state == Z_STREAM_END && stream.avail_in > 0) state = inflateReset(&stream);
  }
  if (state != Z_STREAM_END) {
    throw FormatError(fmt::format("{}: it is no whole gzip file ({}); get it again", path,
                                  stream.msg != nullptr ? stream.msg : "it ends too early"));
  }
  return plain;
}

}  // namespace fovea
