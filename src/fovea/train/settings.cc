#include "fovea/train/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <system_error>

#include "fovea/base/error.h"

namespace fovea {
namespace {

template <class T>
bool Reads(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return stop == end && error == std::errc();
}

HyperValue ValueOf(const std::string& text) {
  int64_t integer = 0;
  double real = 0;
  if (text == "true" || text == "false") return text == "true";
  if (Reads(text, integer)) return integer;
  if (Reads(text, real)) return real;
  return text;
}

}  // namespace

HyperList ParseSettings(const std::string& where, const std::string& text) {
  HyperList settings;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == word.size()) {
      throw ArgumentError(
          fmt::format("{}: \"{}\" is not a setting; write name=value, as in lr=0.1", where, word));
    }
    const std::string name = word.substr(0, equals);
    if (std::any_of(settings.begin(), settings.end(), [&](const auto& s) { return s.name == name; }))
      throw ArgumentError(fmt::format("{}: {} stands twice", where, name));
    settings.push_back({name, ValueOf(word.substr(equals + 1))});
  }
  return settings;
}

}  // namespace fovea
