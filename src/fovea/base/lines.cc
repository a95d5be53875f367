#include "fovea/base/lines.h"

#include <sstream>

namespace fovea {

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

}  // namespace fovea
