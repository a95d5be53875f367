#include "fovea/data/photo/lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/data/dataset.h"
#include "fovea/data/photo/sample_photos.h"

namespace fovea {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PhotoLists : public testing::Test {
 protected:
  PhotoLists()
      : root_(testing::TempDir() + "fovea_lists_" +
              testing::UnitTest::GetInstance()->current_test_info()->name()) {
    CreateFolders(root_);
    Write("labels.txt", "airplane\nautomobile\n\nbird\n");
    Write("train.list",
          At("1_airplane.png") + "\n" + At("2_bird.png") + "\r\n" + At("3_automobile.png") + "\n");
    Write("valid.list", At("4_bird.png"));
    Describe("classes=3\n# a remark\ntrain = " + At("train.list") + "\nvalid = " + At("valid.list") +
             "\nlabels = " + At("labels.txt") + "\nbackup = backup/\ntop=2\n");
  }
  ~PhotoLists() override { std::filesystem::remove_all(root_); }

  std::string At(const std::string& name) const { return root_ + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) {
    std::ofstream(At(name), std::ios::binary) << bytes;
  }
  void Describe(const std::string& text) { Write("my.data", text); }
  std::string Message() {
    return MessageOf([&] { ReadPhotoLists(At("my.data")); });
  }

  std::string root_;
};

TEST_F(PhotoLists, TheClassIsInThePath) {
  const PhotoLayout layout = ReadPhotoLists(At("my.data"));
  EXPECT_THAT(layout.classes, ElementsAre("airplane", "automobile", "bird"));
  ASSERT_EQ(layout.groups.size(), 2u);
  std::vector<int32_t> labels;
  for (const PhotoFile& photo : layout.groups[0].photos) labels.push_back(photo.label);
  EXPECT_THAT(labels, ElementsAre(0, 2, 1));
  EXPECT_EQ(layout.groups[1].photos[0].path, At("4_bird.png"));
  EXPECT_EQ(layout.groups[1].photos[0].label, 2);
}

TEST_F(PhotoLists, AreADataSet) {
  for (const char* name : {"1_airplane.png", "2_bird.png", "3_automobile.png", "4_bird.png"})
    Write(name, PngBytes(40, 40, SampleImage(40, 40).pixels));
  const auto data = OpenDataset(At("my.data"));
  EXPECT_EQ(data->Name(), At("my.data"));
  EXPECT_EQ(data->ImageShape(), (Shape{3, 32, 32}));
  EXPECT_EQ(data->Size(Split::kTrain), 3);
  EXPECT_EQ(data->Label(Split::kTest, 0), 2);
}

TEST_F(PhotoLists, ErrorsNameFileAndLine) {
  Write("train.list", At("1_airplane.png") + "\n" + At("2_ship.png") + "\n");
  EXPECT_THAT(Message(), AllOf(HasSubstr("train.list: line 2"), HasSubstr("contains no name of a class")));
  Write("train.list", At("airplane/bird.png"));
  EXPECT_THAT(Message(), AllOf(HasSubstr("train.list: line 1"), HasSubstr("\"airplane\" and \"bird\"")));
  Write("train.list", "\n");
  EXPECT_THAT(Message(), HasSubstr("train.list: no path"));
  Describe("classes=9\nlabels=" + At("labels.txt"));
  EXPECT_THAT(Message(), AllOf(HasSubstr("labels.txt: 3 names for 9 classes"), HasSubstr("my.data")));
  Describe("classes=two\n");
  EXPECT_THAT(Message(), HasSubstr("my.data: classes = two"));
  Describe("classes=3\nvalid\n");
  EXPECT_THAT(Message(), HasSubstr("my.data: line 2: \"valid\" is not key = value"));
  Describe("classes=3\n");
  EXPECT_THAT(Message(), HasSubstr("my.data: a line names = ... is missing"));
}

}  // namespace
}  // namespace fovea
