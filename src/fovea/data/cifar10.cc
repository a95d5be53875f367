#include "fovea/data/cifar10.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {
namespace {

constexpr std::size_t kPixels = 3072, kRecord = kPixels + 1;
constexpr int64_t kMaxFile = 64 << 20;

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

}  // namespace

Cifar10::Cifar10(const std::string& path)
    : path_(path), classes_{"airplane", "automobile", "bird",  "cat",  "deer",
                            "dog",      "frog",       "horse", "ship", "truck"} {
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
