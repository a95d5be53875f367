#include "fovea/train/parameter_group.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <sstream>

#include "fovea/base/error.h"
#include "fovea/train/settings.h"

namespace fovea {

bool ParameterGroup::Names(const std::string& parameter) const {
  return fnmatch(pattern.c_str(), parameter.c_str(), 0) == 0;
}

ParameterGroup ParseGroup(const std::string& text) {
  std::istringstream words(text);
  ParameterGroup group;
  if (!(words >> group.pattern)) throw ArgumentError("a group begins with a pattern of parameter names");
  const std::string settings(std::istreambuf_iterator<char>(words), {});
  group.settings = ParseSettings(fmt::format("group \"{}\"", text), settings);
  OptionsFrom<GroupLearning>(fmt::format("group \"{}\"", text), group.settings);
  return group;
}

}  // namespace fovea
