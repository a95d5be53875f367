#include "fovea/data/photo/lists.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/lines.h"

namespace fovea {
namespace {

constexpr int64_t kMaxDescription = 1 << 20, kMaxList = int64_t{1} << 30;

using Description = std::map<std::string, std::string>;

Description ReadDescription(const std::string& path) {
  Description values;
  ForEachLine(ReadFile(path, kMaxDescription), [&](const std::string& line, int64_t number) {
    if (line[0] == '#' || line[0] == ';') return;
    const std::size_t equals = line.find('=');
    const std::string key = Trimmed(line.substr(0, equals));
    if (equals == std::string::npos || key.empty())
      throw FormatError(fmt::format("{}: line {}: \"{}\" is not key = value", path, number, line));
    values.emplace(key, Trimmed(line.substr(equals + 1)));
  });
  return values;
}

const std::string& Value(const std::string& path, const Description& values, const char* key) {
  const auto found = values.find(key);
  if (found == values.end() || found->second.empty())
    throw FormatError(fmt::format("{}: a line {} = ... is missing", path, key));
  return found->second;
}

std::vector<std::string> ReadClasses(const std::string& path, const Description& values) {
  const std::string& count = Value(path, values, "classes");
  std::size_t classes = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), classes);
  if (error != std::errc() || end != count.data() + count.size() || classes == 0)
    throw FormatError(fmt::format("{}: classes = {} is not a number of classes", path, count));
  const std::string& list = Value(path, values, values.contains("labels") ? "labels" : "names");
  std::vector<std::string> names;
  ForEachLine(ReadFile(list, kMaxDescription),
              [&](const std::string& line, int64_t) { names.push_back(line); });
  if (names.size() < classes)
    throw FormatError(fmt::format("{}: {} names for {} classes of {}", list, names.size(), classes, path));
  names.resize(classes);
  return names;
}

// The class whose name the path contains.
int32_t LabelOf(const std::string& where, const std::string& photo, const std::vector<std::string>& classes) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < classes.size(); i++) {
    if (photo.find(classes[i]) != std::string::npos) found.push_back(i);
  }
  if (found.empty()) throw FormatError(fmt::format("{}: {} contains no name of a class", where, photo));
  if (found.size() > 1) {
    throw FormatError(fmt::format("{}: {} contains the names of two classes, \"{}\" and \"{}\"", where, photo,
                                  classes[found[0]], classes[found[1]]));
  }
  return static_cast<int32_t>(found[0]);
}

PhotoGroup ReadList(const std::string& list, const char* name, const std::vector<std::string>& classes) {
  PhotoGroup group{name, {}};
  ForEachLine(ReadFile(list, kMaxList), [&](const std::string& photo, int64_t number) {
    group.photos.push_back({photo, LabelOf(fmt::format("{}: line {}", list, number), photo, classes)});
  });
  if (group.photos.empty()) throw FormatError(fmt::format("{}: no path of a photo", list));
  return group;
}

}  // namespace

PhotoLayout ReadPhotoLists(const std::string& path) {
  const Description values = ReadDescription(path);
  PhotoLayout layout;
  layout.classes = ReadClasses(path, values);
  layout.groups.push_back(ReadList(Value(path, values, "train"), "train", layout.classes));
  layout.groups.push_back(ReadList(Value(path, values, "valid"), "test", layout.classes));
  return layout;
}

}  // namespace fovea
