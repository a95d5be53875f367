// MNIST's format, plain and compressed, and CIFAR-100: made here, and damaged on purpose.
#include "fovea/data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/data/cifar.h"

namespace fovea {
namespace {

using testing::HasSubstr;

std::string Number(uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
          static_cast<char>(v)};
}

struct Files {
  std::string images, labels;
};

// `count` images of 3x2, pixel j of image i being i + j, label i % 10.
Files Make(uint32_t count) {
  Files files{Number(0x803) + Number(count) + Number(3) + Number(2), Number(0x801) + Number(count)};
  for (uint32_t i = 0; i < count; i++) {
    for (uint32_t j = 0; j < 6; j++) files.images += static_cast<char>(i + j);
    files.labels += static_cast<char>(i % 10);
  }
  return files;
}

std::string Gzip(const std::string& bytes) {
  const std::string path = testing::TempDir() + "fovea_packed";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  return ReadFile(path, 1 << 20);
}

std::string Folder(const Files& train, const Files& test, const std::string& ending = "") {
  const std::string folder = testing::TempDir() + "fovea_idx";
  std::filesystem::remove_all(folder);
  CreateFolders(folder);
  WriteFileAtomic(folder + "/train-images-idx3-ubyte" + ending, train.images);
  WriteFileAtomic(folder + "/train-labels-idx1-ubyte" + ending, train.labels);
  WriteFileAtomic(folder + "/t10k-images-idx3-ubyte" + ending, test.images);
  WriteFileAtomic(folder + "/t10k-labels-idx1-ubyte" + ending, test.labels);
  return folder;
}

std::string MessageFor(const Files& train, const Files& test = Make(4)) {
  return MessageOf([&] { Idx("mnist", Folder(train, test)); });
}

void ExpectGood(const Idx& data) {
  EXPECT_EQ(data.ImageShape(), (Shape{1, 3, 2}));
  EXPECT_EQ(data.Size(Split::kTrain), 12);
  EXPECT_EQ(data.Size(Split::kTest), 4);
  uint8_t pixels[6];
  EXPECT_EQ(data.Read(Split::kTrain, 11, pixels), 1);
  EXPECT_THAT(pixels, testing::ElementsAre(11, 12, 13, 14, 15, 16));
}

TEST(Idx, ReadsPlainAndCompressedFiles) {
  const Files train = Make(12), test = Make(4);
  ExpectGood(Idx("mnist", Folder(train, test)));
  ExpectGood(Idx("mnist", Folder({Gzip(train.images), Gzip(train.labels)},
                                 {Gzip(test.images), Gzip(test.labels)}, ".gz")));
  EXPECT_EQ(Idx("fashion_mnist", Folder(train, test)).Classes()[9], "ankle boot");
  EXPECT_EQ(Idx("idx", Folder(Make(5), test)).Classes().size(), 5u);
}

TEST(Idx, NamesWhatIsWrongWithAFile) {
  Files bad = Make(12);
  bad.images.pop_back();
  EXPECT_THAT(MessageFor(bad), HasSubstr("claims 72 bytes of data, the file has 71"));
  bad = Make(12);
  bad.images[3] = 1;
  EXPECT_THAT(MessageFor(bad), HasSubstr("magic number"));
  bad = Make(12);
  bad.labels = Make(11).labels;
  EXPECT_THAT(MessageFor(bad), HasSubstr("12 images"));
  bad = Make(12);
  bad.labels.back() = 10;
  EXPECT_THAT(MessageFor(bad), HasSubstr("label 11 of the train files is 10"));
  EXPECT_THAT(MessageFor({"", ""}), HasSubstr("0 bytes"));
  // Extents whose product overflows.
  EXPECT_THAT(MessageFor({Number(0x803) + Number(0xFFFFFFFF) + Number(0xFFFFFFFF) + Number(0xFFFFFFFF), "x"}),
              HasSubstr("bytes of data"));
  EXPECT_THAT(MessageOf([] { Idx("mnist", "/nowhere"); }), HasSubstr("four IDX files"));
}

TEST(Idx, RefusesDamagedCompression) {
  const Files train = Make(12);
  Files packed{Gzip(train.images), Gzip(train.labels)};
  const Files whole = packed;
  packed.images.resize(packed.images.size() - 5);
  EXPECT_THAT(MessageOf([&] { Idx("mnist", Folder(packed, whole, ".gz")); }),
              HasSubstr("no whole gzip file"));
  packed = whole;
  packed.images[packed.images.size() - 6] ^= 0x55;
  EXPECT_THAT(MessageOf([&] { Idx("mnist", Folder(packed, whole, ".gz")); }),
              HasSubstr("no whole gzip file"));
}

TEST(Cifar100, ReadsTheFineLabels) {
  const std::string folder = testing::TempDir() + "fovea_cifar100";
  CreateFolders(folder);
  const auto record = [](int coarse, int fine) {
    return std::string{static_cast<char>(coarse), static_cast<char>(fine)} +
           std::string(3072, static_cast<char>(fine));
  };
  WriteFileAtomic(folder + "/train.bin", record(3, 77) + record(19, 99));
  WriteFileAtomic(folder + "/test.bin", record(0, 5));
  const Cifar data(Cifar::Kind::k100, folder);
  std::vector<uint8_t> pixels(3072);
  EXPECT_EQ(data.Size(Split::kTrain), 2);
  EXPECT_EQ(data.Read(Split::kTrain, 1, pixels.data()), 99);
  EXPECT_EQ(pixels[3071], 99);
  EXPECT_EQ(data.Label(Split::kTest, 0), 5);
  EXPECT_EQ(data.Classes().size(), 100u);
  WriteFileAtomic(folder + "/test.bin", record(0, 100));
  EXPECT_THAT(MessageOf([&] { Cifar(Cifar::Kind::k100, folder); }),
              HasSubstr("class 100; there are 0 to 99"));
}

TEST(Idx, RealFilesOfMnist) {
  const char* folder = std::getenv("FOVEA_DATA");
  if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "FOVEA_DATA is not set";
  for (const char* kind : {"mnist", "fashion_mnist"}) {
    const Idx data(kind, std::string(folder) + (kind == std::string("mnist") ? "/mnist" : "/fashion-mnist"));
    EXPECT_EQ(data.Size(Split::kTrain), 60000);
    EXPECT_EQ(data.Size(Split::kTest), 10000);
    EXPECT_EQ(data.ImageShape(), (Shape{1, 28, 28}));
  }
}

}  // namespace
}  // namespace fovea
