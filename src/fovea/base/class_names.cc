#include "fovea/base/class_names.h"

#include <fmt/format.h>

#include <filesystem>
#include <sstream>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/lines.h"

namespace fovea {
namespace {

constexpr int64_t kMaxNames = 1 << 16;

}  // namespace

std::vector<std::string> ReadClassNames(const std::string& path, std::vector<std::string> published) {
  if (!std::filesystem::exists(path)) return published;
  std::vector<std::string> names;
  std::istringstream lines(ReadFile(path, kMaxNames));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    if (const std::size_t at = FirstUnprintable(line); at != std::string::npos) {
      throw FormatError(fmt::format("{}: name {} holds the byte {:#04x}; names are printable UTF-8", path,
                                    names.size() + 1, static_cast<uint8_t>(line[at])));
    }
    names.push_back(line);
  }
  if (names.size() != published.size()) {
    throw FormatError(
        fmt::format("{}: {} class names; there are {}, one a line", path, names.size(), published.size()));
  }
  return names;
}

std::vector<std::string> NumberedClasses(int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; i++) names.push_back(std::to_string(i));
  return names;
}

}  // namespace fovea
