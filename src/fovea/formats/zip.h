// Zip archives, by libzip.
#pragma once

#include <string>
#include <vector>

namespace fovea {

struct ZipEntry {
  std::string name, bytes;
};

// Throws FormatError naming `path` and the entry; ArgumentError where libzip was missing when Fovea was built. At most 4 GiB come out of
// an archive, and at most what deflate could hold in its bytes.
std::vector<ZipEntry> ReadZip(const std::string& path, const std::string& bytes);

// Uncompressed, with one fixed date: equal entries give equal bytes.
std::string SerialiseZip(const std::vector<ZipEntry>& entries);

}  // namespace fovea
