// The text of a JSON file, before it is parsed.
#pragma once

#include <cstdint>
#include <string>

namespace fovea {

// Throws IoError, FormatError when the file is larger than `max_bytes` or nests brackets deeper than 32:
// parsed values are visited by recursion, and a file must not be able to exhaust the stack.
std::string ReadJsonText(const std::string& path, int64_t max_bytes);

}  // namespace fovea
