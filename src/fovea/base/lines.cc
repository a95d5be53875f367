#include "fovea/base/lines.h"

#include <sstream>

namespace fovea {
namespace {

// The length of the UTF-8 sequence that starts here; 0 for control characters and what is not UTF-8.
std::size_t SequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  if (at(0) < 0x80) return at(0) >= 0x20 && at(0) != 0x7f ? 1 : 0;
  const std::size_t length = at(0) >= 0xf0 ? 4 : at(0) >= 0xe0 ? 3 : 2;
  uint32_t code = at(0) & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; i++) {
    if ((at(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (at(i) & 0x3fu);
  }
  constexpr uint32_t kLeast[] = {0xa0, 0x800, 0x10000};
  const bool good = at(0) >= 0xc2 && at(0) <= 0xf4 && code >= kLeast[length - 2] && code <= 0x10ffff &&
                    (code >> 11) != 0x1b;
  return good ? length : 0;
}

}  // namespace

std::string Trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

void ForEachLine(const std::string& text, const std::function<void(const std::string&, int64_t)>& visit) {
  std::istringstream lines(text);
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    number++;
    line = Trimmed(line);
    if (!line.empty()) visit(line, number);
  }
}

std::size_t FirstUnprintable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = SequenceLength(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

}  // namespace fovea
