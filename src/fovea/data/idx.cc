#include "fovea/data/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "fovea/base/class_names.h"
#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/data/gzip.h"

namespace fovea {
namespace {

constexpr int64_t kMaxFile = int64_t{2} << 30;

// The bytes of the file, or of its .gz.
std::string ReadPlain(const std::string& path) {
  namespace fs = std::filesystem;
  if (fs::exists(path)) return ReadFile(path, kMaxFile);
  if (fs::exists(path + ".gz")) return ReadGzip(path + ".gz", kMaxFile);
  throw IoError(
      fmt::format("there is neither {} nor {}.gz; give the folder of the four IDX files", path, path));
}

int64_t BigEndian(const std::string& bytes, std::size_t at) {
  uint32_t value = 0;
  for (std::size_t i = 0; i < 4; i++) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

// The extents of an IDX file of bytes with so many dimensions, whose data fill the rest of the file.
std::vector<int64_t> ReadExtents(const std::string& path, const std::string& bytes, std::size_t dimensions) {
  const std::size_t header = 4 + 4 * dimensions;
  if (bytes.size() < header) {
    throw FormatError(fmt::format("{}: {} bytes; the header alone has {}", path, bytes.size(), header));
  }
  const int64_t magic = BigEndian(bytes, 0), want = 0x800 + static_cast<int64_t>(dimensions);
  if (magic != want) {
    throw FormatError(fmt::format("{}: at offset 0: the magic number is {:#010x}; {:#010x} was expected",
                                  path, magic, want));
  }
  std::vector<int64_t> extents;
  double size = 1;  // no extent is above 2^32: exact far beyond any file
  for (std::size_t i = 0; i < dimensions; i++) {
    extents.push_back(BigEndian(bytes, 4 + 4 * i));
    size *= static_cast<double>(extents.back());
  }
  if (size != static_cast<double>(bytes.size() - header)) {
    throw FormatError(
        fmt::format("{}: the header claims {:.0f} bytes of data, the file has {}; it is truncated or "
                    "damaged, get it again",
                    path, size, bytes.size() - header));
  }
  return extents;
}

std::vector<std::string> ClassesOf(const std::string& kind, const std::string& labels) {
  if (kind == "mnist") return NumberedClasses(10);
  if (kind == "fashion_mnist") {
    return {"T-shirt/top", "trouser", "pullover", "dress", "coat",
            "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
  }
  int most = 0;
  for (const char c : labels) most = std::max<int>(most, static_cast<uint8_t>(c));
  return NumberedClasses(most + 1);
}

}  // namespace

Idx::Idx(const std::string& kind, const std::string& path) : kind_(kind), path_(path) {
  train_ = ReadPart("train");
  classes_ = ClassesOf(kind, train_.labels);
  test_ = ReadPart("t10k");
  for (const Images* part : {&train_, &test_}) {
    for (std::size_t i = 0; i < part->labels.size(); i++) {
      if (static_cast<uint8_t>(part->labels[i]) < classes_.size()) continue;
      throw FormatError(fmt::format("{}: label {} of the {} files is {}; there are classes 0 to {}", path, i,
                                    part == &train_ ? "train" : "t10k", static_cast<uint8_t>(part->labels[i]),
                                    classes_.size() - 1));
    }
  }
}

Idx::Images Idx::ReadPart(const std::string& stem) {
  const std::string images_path = path_ + "/" + stem + "-images-idx3-ubyte";
  const std::string labels_path = path_ + "/" + stem + "-labels-idx1-ubyte";
  Images part{ReadPlain(images_path), ReadPlain(labels_path)};
  const auto images = ReadExtents(images_path, part.pixels, 3);
  const auto labels = ReadExtents(labels_path, part.labels, 1);
  if (images[0] != labels[0]) {
    throw FormatError(fmt::format("{} holds {} images and {} holds {} labels", images_path, images[0],
                                  labels_path, labels[0]));
  }
  if (images[1] < 1 || images[2] < 1 || (height_ > 0 && (images[1] != height_ || images[2] != width_))) {
    throw FormatError(fmt::format("{}: images of {}x{} pixels; the training images have {}x{}", images_path,
                                  images[1], images[2], height_, width_));
  }
  height_ = images[1], width_ = images[2];
  part.pixels.erase(0, 16);
  part.labels.erase(0, 8);
  return part;
}

int32_t Idx::Read(Split split, int64_t index, uint8_t* pixels) const {
  const int64_t size = height_ * width_;
  std::copy_n(Part(split).pixels.data() + index * size, size, pixels);
  return Label(split, index);
}

int32_t Idx::Label(Split split, int64_t index) const {
  return static_cast<uint8_t>(Part(split).labels[static_cast<std::size_t>(index)]);
}

}  // namespace fovea
