// Whole files in and out. Every error names the path and the reason the system gave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fovea {

// Throws IoError when the file cannot be read or is not a regular one (a pipe has no size to check), FormatError when it is larger than `max_bytes`.
std::string ReadFile(const std::string& path, int64_t max_bytes);

// Writes a new file beside `path`, flushes it to the disk and renames it over `path`: whoever looks sees the
// old bytes or the new, never a part. A link stays, and the file that it points to is written. Throws IoError and leaves the old
// file as it was; what is there and is no regular file, such as a device, is never replaced.
void WriteFileAtomic(const std::string& path, std::string_view bytes);

// Creates the folder and its parents; nothing happens when it is there. Throws IoError.
void CreateFolders(const std::string& path);

}  // namespace fovea
