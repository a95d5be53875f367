// Compressed files (RFC 1952), read whole.
#pragma once

#include <cstdint>
#include <string>

namespace fovea {

// Throws IoError when the file cannot be read, FormatError naming it when it is damaged, truncated or holds more than
// `max_bytes`.
std::string ReadGzip(const std::string& path, int64_t max_bytes);

}  // namespace fovea
