#include "fovea/base/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace fovea {

int EditDistance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> d((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> int& { return d[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); i++) at(i, 0) = static_cast<int>(i);
  for (std::size_t j = 0; j <= b.size(); j++) at(0, j) = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); i++) {
    for (std::size_t j = 1; j <= b.size(); j++) {
      const int substitute = at(i - 1, j - 1) + (a[i - 1] != b[j - 1]);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
      }
    }
  }
  return d.back();
}

std::string DidYouMean(const std::string& name, const std::vector<std::string>& choices) {
  const std::string* nearest = nullptr;
  int least = static_cast<int>(std::max<std::size_t>(2, name.size() / 3)) + 1;
  for (const std::string& choice : choices) {
    const int distance = EditDistance(name, choice);
    if (distance < least) least = distance, nearest = &choice;
  }
  if (nearest != nullptr) return fmt::format("; did you mean \"{}\"?", *nearest);
  return choices.empty() ? "" : fmt::format("; choose from {}", fmt::join(choices, ", "));
}

}  // namespace fovea
