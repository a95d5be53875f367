// Class names from a text file, one a line.
#pragma once

#include <string>
#include <vector>

namespace fovea {

// The names in `path`, or `published` where there is no such file. Throws FormatError for another number of names
// than `published` has, or a name that is not printable UTF-8.
std::vector<std::string> ReadClassNames(const std::string& path, std::vector<std::string> published);

// "0", "1", ..., count - 1.
std::vector<std::string> NumberedClasses(int64_t count);

}  // namespace fovea
