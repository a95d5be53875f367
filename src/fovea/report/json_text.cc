#include "fovea/report/json_text.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {

std::string ReadJsonText(const std::string& path, int64_t max_bytes) {
  constexpr int kDeepest = 32;
  std::string text = ReadFile(path, max_bytes);
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '[' || c == '{')) {
      if (++depth > kDeepest)
        throw FormatError(fmt::format("{} byte {}: nested deeper than {}", path, i, kDeepest));
    } else if (!quoted && (c == ']' || c == '}')) {
      --depth;
    }
  }
  return text;
}

}  // namespace fovea
