#include "fovea/data/cifar10.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {
namespace {

constexpr std::size_t kPixels = 3072, kRecord = kPixels + 1;
constexpr int64_t kMaxFile = 64 << 20, kMaxNames = 1 << 16;

std::string ReadRecords(const std::string& path) {
  std::string bytes = ReadFile(path, kMaxFile);
  if (bytes.empty() || bytes.size() % kRecord != 0) {
    throw FormatError(
        fmt::format("{}: {} bytes is not a whole number of {}-byte records: the last one lacks {} bytes; "
                    "the file is truncated, get it again",
                    path, bytes.size(), kRecord, kRecord - bytes.size() % kRecord));
  }
  for (std::size_t at = 0; at < bytes.size(); at += kRecord) {
    const auto label = static_cast<uint8_t>(bytes[at]);
    if (label > 9) {
      throw FormatError(fmt::format("{}: record {} at offset {} has class {}; CIFAR-10 has 0 to 9", path,
                                    at / kRecord, at, label));
    }
  }
  return bytes;
}

constexpr const char* kNames[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                  "dog",      "frog",       "horse", "ship", "truck"};

// One name a line. A folder without the file has the published names.
std::vector<std::string> ReadClassNames(const std::string& path) {
  if (!std::filesystem::exists(path)) return {std::begin(kNames), std::end(kNames)};
  std::vector<std::string> names;
  std::istringstream lines(ReadFile(path, kMaxNames));
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    for (const char c : line) {
      if (c < ' ' || c > '~') {
        throw FormatError(fmt::format("{}: name {} holds the byte {:#04x}; names are printable ASCII", path,
                                      names.size() + 1, static_cast<uint8_t>(c)));
      }
    }
    names.push_back(line);
  }
  if (names.size() != std::size(kNames)) {
    throw FormatError(fmt::format("{}: {} class names; CIFAR-10 has {}, one a line", path, names.size(),
                                  std::size(kNames)));
  }
  return names;
}

}  // namespace

Cifar10::Cifar10(const std::string& path) : path_(path) {
  namespace fs = std::filesystem;
  std::string folder = path;
  if (fs::exists(folder + "/cifar-10-batches-bin")) folder += "/cifar-10-batches-bin";
  if (!fs::exists(folder + "/data_batch_1.bin")) {
    throw IoError(
        fmt::format("{} holds no data_batch_1.bin; give the folder of CIFAR-10's binary version "
                    "(cifar-10-batches-bin)",
                    path));
  }
  for (int batch = 1; batch <= 5; batch++)
    train_ += ReadRecords(fmt::format("{}/data_batch_{}.bin", folder, batch));
  classes_ = ReadClassNames(folder + "/batches.meta.txt");
  test_ = ReadRecords(folder + "/test_batch.bin");
}

int64_t Cifar10::Size(Split split) const {
  return static_cast<int64_t>((split == Split::kTrain ? train_ : test_).size() / kRecord);
}

int32_t Cifar10::Read(Split split, int64_t index, uint8_t* pixels) const {
  const char* record =
      (split == Split::kTrain ? train_ : test_).data() + static_cast<std::size_t>(index) * kRecord;
  std::copy_n(record + 1, kPixels, pixels);
  return static_cast<uint8_t>(record[0]);
}

}  // namespace fovea
