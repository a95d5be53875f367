#include "fovea/train/parameter_group.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <charconv>
#include <sstream>

#include "fovea/base/error.h"

namespace fovea {
namespace {

template <class T>
bool Reads(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ptr == end;
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

bool ParameterGroup::Names(const std::string& parameter) const {
  return fnmatch(pattern.c_str(), parameter.c_str(), 0) == 0;
}

ParameterGroup ParseGroup(const std::string& text) {
  std::istringstream words(text);
  ParameterGroup group;
  if (!(words >> group.pattern)) throw ArgumentError("a group begins with a pattern of parameter names");
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == word.size()) {
      throw ArgumentError(
          fmt::format("group \"{}\": \"{}\" is not a setting; write name=value, as in lr=0.1", text, word));
    }
    group.settings.push_back({word.substr(0, equals), ValueOf(word.substr(equals + 1))});
  }
  OptionsFrom<GroupLearning>(fmt::format("group \"{}\"", text), group.settings);
  return group;
}

}  // namespace fovea
