#include "fovea/data/photo/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/data/photo/check.h"
#include "fovea/data/photo/sample_photos.h"
#include "fovea/data/split.h"

namespace fovea {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Folder : public testing::Test {
 protected:
  Folder()
      : root_(testing::TempDir() + "fovea_folder_" +
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(root_);
    CreateFolders(root_);
  }
  ~Folder() override { fs::remove_all(root_); }

  void Write(const std::string& name, const std::string& bytes) {
    CreateFolders(fs::path(root_ + "/" + name).parent_path());
    std::ofstream(root_ + "/" + name, std::ios::binary) << bytes;
  }
  // A photo like no other of the test.
  void WritePhoto(const std::string& name, int64_t width = 48, int64_t height = 36) {
    Image image = SampleImage(width, height);
    for (std::size_t i = 0; i < 3; i++) image.pixels[i] = static_cast<uint8_t>(count_ >> 8 * i);
    count_++;
    Write(name, PngBytes(width, height, image.pixels));
  }
  std::string MessageOf(const PhotoFolderOptions& options = {}) {
    return fovea::MessageOf([&] { PhotoFolder(root_, options); });
  }

  std::string root_;
  uint32_t count_ = 1;
};

std::vector<std::string> Names(const PhotoFolder& data, Split split) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < data.Size(split); i++)
    names.push_back(fs::path(data.PhotoPath(split, i)).filename());
  return names;
}

TEST_F(Folder, HasTheSplitsThatItHasFoldersFor) {
  for (const char* name :
       {"train/dog/2.png", "train/dog/1.jpg", "train/cat/x.png", "val/cat/v.png", "test/dog/t.png"}) {
    WritePhoto(name);
  }
  Write("train/dog/.DS_Store", "x");
  Write("train/dog/Thumbs.db", "x");
  Write("train/cat/notes.TXT", "x");
  const PhotoFolder data(root_);
  EXPECT_EQ(data.Name(), "folder:" + root_);
  EXPECT_THAT(data.Classes(), ElementsAre("cat", "dog"));
  EXPECT_THAT(Names(data, Split::kTrain), ElementsAre("x.png", "1.jpg", "2.png"));
  EXPECT_THAT(Names(data, Split::kTest), ElementsAre("t.png"));
  EXPECT_EQ(data.Label(Split::kTest, 0), 1);
  EXPECT_EQ(data.ImageShape(), (Shape{3, 32, 32}));
  std::vector<uint8_t> pixels(3 * 32 * 32);
  EXPECT_EQ(data.Read(Split::kTrain, 2, pixels.data()), 1);
  fs::remove_all(root_ + "/test");
  EXPECT_THAT(Names(PhotoFolder(root_), Split::kTest), ElementsAre("v.png"));
}

TEST_F(Folder, HoldsBackATenthWithoutSplits) {
  for (int i = 0; i < 300; i++) WritePhoto("a/" + std::to_string(i) + ".png", 4, 4);
  WritePhoto("b/0.png");
  WritePhoto("b/1.png");
  WritePhoto("c/0.png");
  const PhotoFolder before(root_);
  EXPECT_EQ(before.Size(Split::kTrain) + before.Size(Split::kTest), 303);
  EXPECT_NEAR(static_cast<double>(before.Size(Split::kTest)), 31, 5 * std::sqrt(27));  // five standard errors
  std::set<int32_t> classes;
  for (int64_t i = 0; i < before.Size(Split::kTest); i++) classes.insert(before.Label(Split::kTest, i));
  EXPECT_THAT(classes, ElementsAre(0, 1));  // a single photo is for training
  for (int i = 300; i < 400; i++) WritePhoto("a/" + std::to_string(i) + ".png", 4, 4);
  const std::vector<std::string> after = Names(PhotoFolder(root_), Split::kTest);
  const std::set<std::string> held(after.begin(), after.end());
  for (const std::string& name : Names(before, Split::kTest)) EXPECT_TRUE(held.contains(name)) << name;
  for (int i = 0; i < 300; i++) {
    const std::string name = std::to_string(i) + ".png";
    if (name != "0.png" && name != "1.png") {
      const auto was = Names(before, Split::kTest);
      EXPECT_EQ(held.contains(name), std::find(was.begin(), was.end(), name) != was.end()) << name;
    }
  }
}

TEST_F(Folder, HoldsBackATenthOfTrainAlone) {
  for (int i = 0; i < 5; i++) WritePhoto("train/a/" + std::to_string(i) + ".png");
  const PhotoFolder data(root_);
  EXPECT_GE(data.Size(Split::kTest), 1);
  EXPECT_EQ(data.Size(Split::kTrain) + data.Size(Split::kTest), 5);
}

TEST_F(Folder, MayHaveAClassCalledTrain) {
  WritePhoto("bus/1.png");
  WritePhoto("train/1.png");
  EXPECT_THAT(PhotoFolder(root_).Classes(), ElementsAre("bus", "train"));
}

TEST_F(Folder, ChoosesASizeFromTheMedian) {
  WritePhoto("a/1.png", 20, 300);
  WritePhoto("b/1.png", 300, 101);
  WritePhoto("c/1.png", 400, 400);
  EXPECT_EQ(PhotoFolder(root_).ImageShape(), (Shape{3, 96, 96}));
  EXPECT_EQ(PhotoFolder(root_, {.size = 50}).ImageShape(), (Shape{3, 50, 50}));
  EXPECT_THAT(MessageOf({.size = -1}), HasSubstr("the image size is -1"));
}

TEST_F(Folder, ReadsWhatCoverCropMakes) {
  Image image{64, 32, std::vector<uint8_t>(64 * 32 * 3)};
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) image.pixels[i] = 200, image.pixels[i + 2] = 10;
  Write("a/1.png", PngBytes(64, 32, image.pixels));
  const PhotoFolder data(root_, {.size = 16});
  std::vector<uint8_t> pixels(3 * 16 * 16);
  data.Read(Split::kTrain, 0, pixels.data());
  EXPECT_EQ(pixels.front(), 200);
  EXPECT_EQ(pixels[256], 0);
  EXPECT_EQ(pixels.back(), 10);
}

TEST_F(Folder, NamesWhatIsWrong) {
  EXPECT_THAT(MessageOf(), HasSubstr("holds no class folders"));
  WritePhoto("a/1.png");
  CreateFolders(root_ + "/b");
  EXPECT_THAT(MessageOf(), HasSubstr("the class \"b\" has no photo"));
  CreateFolders(root_ + "/b/deeper");
  EXPECT_THAT(MessageOf(), AllOf(HasSubstr("/b/deeper is a folder within a class")));
  fs::remove_all(root_ + "/b");
  WritePhoto("esc\x1b/1.png");
  EXPECT_THAT(MessageOf(), HasSubstr("holds the byte 0x1b at 3"));
  fs::remove_all(root_);
  EXPECT_THAT(MessageOf(), AllOf(HasSubstr(root_), HasSubstr("No such file")));
}

TEST_F(Folder, NamesAClassThatTrainingLacks) {
  WritePhoto("train/caf\xc3\xa9/1.png");
  WritePhoto("val/dog/1.png");
  EXPECT_THAT(MessageOf(), HasSubstr("val/dog is a class that training lacks"));
  fs::remove_all(root_ + "/val");
  WritePhoto("test/1.png");
  EXPECT_THAT(MessageOf(), HasSubstr("test holds no class folders"));
}

TEST_F(Folder, FailsOnOrSkipsBadPhotos) {
  WritePhoto("train/a/1.png");
  Write("train/a/2.jpg", "GIF89a....");
  WritePhoto("val/a/1.png");
  fs::create_symlink(root_ + "/train/a/1.png", root_ + "/train/a/link.png");
  fs::create_symlink(root_ + "/none", root_ + "/train/a/z.png");
  EXPECT_THAT(MessageOf(), HasSubstr("2.jpg: not a JPEG or PNG (it begins as a GIF)"));
  const PhotoFolder strict(root_, {.size = 32});
  std::vector<uint8_t> pixels(3 * 32 * 32);
  EXPECT_THROW(strict.Read(Split::kTrain, 1, pixels.data()), FormatError);
  const PhotoFolder lenient(root_, {.on_bad = OnBadPhoto::kSkip});
  EXPECT_THAT(Names(lenient, Split::kTrain), ElementsAre("1.png", "link.png"));
  EXPECT_THAT(lenient.Remarks(), ElementsAre(HasSubstr("2.jpg: not a JPEG"), HasSubstr("z.png")));
}

TEST_F(Folder, SplitsForValidationWithoutReadingPixels) {
  for (int i = 0; i < 10; i++) Write("train/a/" + std::to_string(i), "no photo");
  WritePhoto("val/a/1.png");
  EXPECT_EQ(SplitTraining(PhotoFolder(root_, {.size = 32}), 0.2, 1).validation.size(), 2u);
}

TEST_F(Folder, IsCheckedCompletely) {
  for (int i = 0; i < 4; i++) WritePhoto("train/a/" + std::to_string(i) + ".png", 40 + i, 30);
  WritePhoto("train/b/0.png", 10, 90);
  Write("train/b/1.jpg", JpegBytes(SampleImage(60, 60)).substr(0, 700));
  fs::create_directories(root_ + "/test/a");
  fs::create_directories(root_ + "/test/b");
  fs::copy_file(root_ + "/train/a/2.png", root_ + "/test/a/copy.png");
  ThreadPool pool(2);
  const PhotoReport report = CheckPhotos(root_, pool);
  EXPECT_THAT(report.classes, ElementsAre("a", "b"));
  EXPECT_THAT(report.splits, ElementsAre("train", "test"));
  EXPECT_THAT(report.counts, ElementsAre(ElementsAre(4, 2), ElementsAre(1, 0)));
  ASSERT_EQ(report.unreadable.size(), 1u);
  EXPECT_THAT(report.unreadable[0].reason, AllOf(HasSubstr("train/b/1.jpg"), HasSubstr("truncated JPEG")));
  ASSERT_EQ(report.duplicates.size(), 1u);
  EXPECT_THAT(report.duplicates[0].path, HasSubstr("train/a/2.png"));
  EXPECT_THAT(report.duplicates[0].copy, HasSubstr("test/a/copy.png"));
  EXPECT_EQ(report.duplicates[0].copy_split, "test");
  ASSERT_EQ(report.missing.size(), 1u);
  EXPECT_EQ(report.missing[0].split + report.missing[0].name, "testb");
  EXPECT_EQ(report.imbalance, 2);
  EXPECT_EQ(report.width.least, 10);
  EXPECT_EQ(report.width.median, 42);
  EXPECT_EQ(report.height.largest, 90);
}

}  // namespace
}  // namespace fovea
