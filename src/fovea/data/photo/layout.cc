#include "fovea/data/photo/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "fovea/base/error.h"
#include "fovea/base/lines.h"
#include "fovea/data/photo/hash.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

bool IsHidden(const std::string& name) {
  return name[0] == '.' || name[0] == '@' || name == "__MACOSX";  // @eaDir: previews of network storage
}

bool IsNeverPhoto(const std::string& name) {
  constexpr std::array kEnds = {".txt", ".csv",  ".tsv", ".json", ".md", ".xml",
                                ".yml", ".yaml", ".log", ".html", ".ini"};
  std::string end = fs::path(name).extension();
  std::transform(end.begin(), end.end(), end.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return name == "Thumbs.db" || std::find(kEnds.begin(), kEnds.end(), end) != kEnds.end();
}

struct Entries {
  std::vector<std::string> folders, files;  // names, sorted
};

// A link that leads nowhere counts as a file: reading it will say so.
Entries List(const std::string& path) {
  std::error_code error;
  Entries entries;
  for (auto i = fs::directory_iterator(path, error); !error && i != fs::directory_iterator();
       i.increment(error)) {
    std::error_code broken;
    const std::string name = i->path().filename();
    if (!IsHidden(name)) (i->is_directory(broken) ? entries.folders : entries.files).push_back(name);
  }
  if (error) {
    throw IoError(
        fmt::format("cannot read the folder {}: {}; give the folder that holds one folder of photos a class",
                    path, error.message()));
  }
  std::sort(entries.folders.begin(), entries.folders.end());
  std::sort(entries.files.begin(), entries.files.end());
  return entries;
}

void CheckName(const std::string& folder, const std::string& name) {
  const std::size_t at = FirstUnprintable(name);
  if (at == std::string::npos) return;
  throw FormatError(
      fmt::format("{}: a class folder's name, {} bytes long, holds the byte {:#04x} at {}; rename it", folder,
                  name.size(), static_cast<uint8_t>(name[at]), at));
}

void AddClass(const std::string& path, std::size_t label, std::vector<PhotoFile>& photos) {
  const Entries entries = List(path);
  if (!entries.folders.empty()) {
    throw FormatError(
        fmt::format("{}/{} is a folder within a class; photos lie directly in {}: move them there", path,
                    entries.folders[0], path));
  }
  for (const std::string& name : entries.files) {
    if (!IsNeverPhoto(name))
      photos.push_back({fmt::format("{}/{}", path, name), static_cast<int32_t>(label)});
  }
}

PhotoGroup ListGroup(const std::string& path, const std::string& name,
                     const std::vector<std::string>& folders, const std::vector<std::string>& classes) {
  if (folders.empty()) {
    throw FormatError(
        fmt::format("{} holds no class folders; sort its photos into one folder a class", path));
  }
  PhotoGroup group{name, {}};
  for (const std::string& folder : folders) {
    const auto found = std::lower_bound(classes.begin(), classes.end(), folder);
    if (found == classes.end() || *found != folder) {
      throw FormatError(
          fmt::format("{}/{} is a class that training lacks; rename or remove the folder", path, folder));
    }
    AddClass(fmt::format("{}/{}", path, folder), static_cast<std::size_t>(found - classes.begin()),
             group.photos);
  }
  return group;
}

// Moves the photos of one class whose hashes are the lowest tenth of all possible ones.
void MoveTenth(std::vector<PhotoFile> photos, const std::string& class_name, PhotoGroup& train,
               PhotoGroup& test) {
  struct Ranked {
    uint64_t hash;
    std::size_t number;
  };
  std::vector<Ranked> ranked;
  ranked.reserve(photos.size());
  for (const PhotoFile& photo : photos)
    ranked.push_back({HashBytes(class_name + "/" + fs::path(photo.path).filename().string()), ranked.size()});
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.number < b.number;
  });
  std::vector<bool> chosen(photos.size());
  for (std::size_t i = 0; i + 1 < ranked.size() && (i == 0 || ranked[i].hash < UINT64_MAX / 10); i++)
    chosen[ranked[i].number] = true;
  for (std::size_t i = 0; i < photos.size(); i++)
    (chosen[i] ? test : train).photos.push_back(std::move(photos[i]));
}

void SplitTenth(PhotoLayout& layout) {
  std::vector<std::vector<PhotoFile>> by_class(layout.classes.size());
  for (PhotoFile& photo : layout.groups[0].photos)
    by_class[static_cast<std::size_t>(photo.label)].push_back(std::move(photo));
  layout.groups = {{"train", {}}, {"test", {}}};
  for (std::size_t c = 0; c < by_class.size(); c++)
    MoveTenth(std::move(by_class[c]), layout.classes[c], layout.groups[0], layout.groups[1]);
}

bool IsSplitName(const std::string& name) {
  constexpr std::array kNames = {"train", "val", "valid", "validation", "test"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool HasSplits(const std::string& path, const std::vector<std::string>& folders) {
  if (!std::binary_search(folders.begin(), folders.end(), "train")) return false;
  return !List(path + "/train").folders.empty() || std::all_of(folders.begin(), folders.end(), IsSplitName);
}

}  // namespace

PhotoLayout ListPhotos(const std::string& given) {
  std::string path = given;
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::vector<std::string> folders = List(path).folders;
  const bool splits = HasSplits(path, folders);
  const std::string train = splits ? path + "/train" : path;
  PhotoLayout layout;
  layout.classes = splits ? List(train).folders : folders;
  for (const std::string& name : layout.classes) CheckName(train, name);
  layout.groups.push_back(ListGroup(train, "train", layout.classes, layout.classes));
  const std::pair<const char*, const char*> rest[] = {
      {"val", "val"}, {"valid", "val"}, {"validation", "val"}, {"test", "test"}};
  for (const auto& [folder, group] : rest) {
    if (!splits || !std::binary_search(folders.begin(), folders.end(), folder)) continue;
    const std::string held = path + "/" + folder;
    layout.groups.push_back(ListGroup(held, group, List(held).folders, layout.classes));
  }
  if (layout.groups.size() == 1) SplitTenth(layout);
  return layout;
}

}  // namespace fovea
