#include "fovea/data/photo/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fovea/base/error.h"
#include "fovea/base/parallel.h"
#include "fovea/data/photo/decode.h"
#include "fovea/data/photo/resize.h"

namespace fovea {
namespace {

constexpr int64_t kMaxSize = 4096, kMostHeaders = 10'000;

// Runs `read`; a photo that cannot be read is told together with the ways out.
template <class Read>
auto OrHint(const Read& read) {
  try {
    return read();
  } catch (const FormatError& error) {
    throw FormatError(error.what() +
                      std::string("; --on-bad skip leaves such photos out, fovea data check lists them"));
  }
}

int64_t AutomaticSize(const std::vector<PhotoFile>& photos) {
  const auto count = static_cast<int64_t>(photos.size()), looked = std::min(count, kMostHeaders);
  std::vector<int64_t> sides;
  for (int64_t i = 0; i < looked; i++) {
    const PhotoSize size = ReadPhotoSize(photos[static_cast<std::size_t>(i * count / looked)].path);
    sides.push_back(std::min(size.width, size.height));
  }
  const auto middle = sides.begin() + looked / 2;
  std::nth_element(sides.begin(), middle, sides.end());
  return std::clamp<int64_t>(*middle / 32 * 32, 32, 224);
}

}  // namespace

PhotoFolder::PhotoFolder(const std::string& path, const PhotoFolderOptions& options)
    : PhotoFolder("folder:" + path, path, ListPhotos(path), options) {}

PhotoFolder::PhotoFolder(std::string name, std::string path, PhotoLayout layout,
                         const PhotoFolderOptions& options)
    : name_(std::move(name)), path_(std::move(path)) {
  if (options.size < 0 || options.size > kMaxSize) {
    throw ArgumentError(
        fmt::format("the image size is {}; it must be 1 to {}, or 0 to choose one", options.size, kMaxSize));
  }
  classes_ = std::move(layout.classes);
  train_ = std::move(layout.groups.front().photos);
  test_ = std::move(layout.groups.back().photos);
  if (options.on_bad == OnBadPhoto::kSkip) {
    SkipUnreadable(train_);
    SkipUnreadable(test_);
  }
  CheckClasses();
  size_ = options.size > 0 ? options.size : OrHint([&] { return AutomaticSize(train_); });
}

void PhotoFolder::SkipUnreadable(std::vector<PhotoFile>& photos) {
  std::vector<std::string> reasons(photos.size());
  ThreadPool pool(HardwareThreads());
  pool.For(static_cast<int64_t>(photos.size()), [&](int64_t i, int) {
    const auto at = static_cast<std::size_t>(i);
    try {
      DecodePhoto(photos[at].path);
    } catch (const Error& error) {
      reasons[at] = error.what();
    }
  });
  std::vector<PhotoFile> kept;
  for (std::size_t i = 0; i < photos.size(); i++) {
    if (reasons[i].empty()) {
      kept.push_back(std::move(photos[i]));
    } else {
      skipped_.push_back(std::move(reasons[i]));
    }
  }
  photos = std::move(kept);
}

void PhotoFolder::CheckClasses() const {
  std::vector<bool> seen(classes_.size());
  for (const PhotoFile& photo : train_) seen[static_cast<std::size_t>(photo.label)] = true;
  const auto empty = std::find(seen.begin(), seen.end(), false);
  if (empty == seen.end()) return;
  throw FormatError(
      fmt::format("{}: the class \"{}\" has no photo to train on; add photos or remove the class", path_,
                  classes_[static_cast<std::size_t>(empty - seen.begin())]));
}

int32_t PhotoFolder::Read(Split split, int64_t index, uint8_t* pixels) const {
  OrHint([&] { CoverCrop(DecodePhoto(PhotoPath(split, index), size_), size_, size_, pixels); });
  return Label(split, index);
}

int32_t PhotoFolder::Label(Split split, int64_t index) const {
  return Photos(split)[static_cast<std::size_t>(index)].label;
}

const std::string& PhotoFolder::PhotoPath(Split split, int64_t index) const {
  return Photos(split)[static_cast<std::size_t>(index)].path;
}

}  // namespace fovea
