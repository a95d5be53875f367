#include "fovea/data/cifar.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "fovea/base/class_names.h"
#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {

struct Cifar::Form {
  const char *name, *folder, *names_file;
  std::vector<std::string> train_files;
  const char* test_file;
  std::vector<std::string> classes;
  std::size_t label_bytes;  // the last of them is the class
};

namespace {

constexpr std::size_t kPixels = 3072;
constexpr int64_t kMaxFile = 512 << 20;

std::string ReadRecords(const std::string& path, std::size_t label_bytes, std::size_t classes) {
  const std::size_t record = kPixels + label_bytes;
  std::string bytes = ReadFile(path, kMaxFile);
  if (bytes.empty() || bytes.size() % record != 0) {
    throw FormatError(
        fmt::format("{}: {} bytes is not a whole number of {}-byte records: the last one lacks {} bytes; "
                    "the file is truncated, get it again",
                    path, bytes.size(), record, record - bytes.size() % record));
  }
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    const auto label = static_cast<uint8_t>(bytes[at + label_bytes - 1]);
    if (label >= classes) {
      throw FormatError(fmt::format("{}: record {} at offset {} has class {}; there are 0 to {}", path,
                                    at / record, at, label, classes - 1));
    }
  }
  return bytes;
}

}  // namespace

Cifar::Cifar(Kind kind, const std::string& path)
    : form_([&]() -> const Form& {
        static const Form ten{
            "cifar10",
            "cifar-10-batches-bin",
            "batches.meta.txt",
            {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
             "data_batch_5.bin"},
            "test_batch.bin",
            {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
            1};
        static const Form hundred{"cifar100",
                                  "cifar-100-binary",
                                  "fine_label_names.txt",
                                  {"train.bin"},
                                  "test.bin",
                                  NumberedClasses(100),
                                  2};
        return kind == Kind::k10 ? ten : hundred;
      }()),
      path_(path) {
  namespace fs = std::filesystem;
  std::string folder = path;
  if (fs::exists(folder + "/" + form_.folder)) folder += std::string("/") + form_.folder;
  if (!fs::exists(folder + "/" + form_.train_files[0])) {
    throw IoError(fmt::format("{} holds no {}; give the folder of the binary version ({})", path,
                              form_.train_files[0], form_.folder));
  }
  const std::size_t classes = form_.classes.size();
  for (const std::string& file : form_.train_files)
    train_ += ReadRecords(fmt::format("{}/{}", folder, file), form_.label_bytes, classes);
  classes_ = ReadClassNames(folder + "/" + form_.names_file, form_.classes);
  test_ = ReadRecords(folder + "/" + form_.test_file, form_.label_bytes, classes);
}

std::string Cifar::Name() const { return form_.name + (":" + path_); }

int64_t Cifar::Size(Split split) const {
  return static_cast<int64_t>((split == Split::kTrain ? train_ : test_).size() /
                              (kPixels + form_.label_bytes));
}

const char* Cifar::Record(Split split, int64_t index) const {
  return (split == Split::kTrain ? train_ : test_).data() +
         static_cast<std::size_t>(index) * (kPixels + form_.label_bytes);
}

int32_t Cifar::Read(Split split, int64_t index, uint8_t* pixels) const {
  std::copy_n(Record(split, index) + form_.label_bytes, kPixels, pixels);
  return Label(split, index);
}

int32_t Cifar::Label(Split split, int64_t index) const {
  return static_cast<uint8_t>(Record(split, index)[form_.label_bytes - 1]);
}

}  // namespace fovea
