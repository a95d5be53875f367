#include "fovea/base/file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

TEST(File, WritesAndReadsBack) {
  const std::string folder = testing::TempDir() + "fovea_file_test/a/b", path = folder + "/x";
  CreateFolders(folder);
  WriteFileAtomic(path, "old");
  WriteFileAtomic(path, std::string("new\0bytes", 9));
  EXPECT_EQ(ReadFile(path, 100), std::string("new\0bytes", 9));
  EXPECT_THROW(ReadFile(path, 8), FormatError);
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) files++;
  EXPECT_EQ(files, 1);  // no temporary file is left
}

TEST(File, ErrorsNameThePathAndTheReason) {
  for (const auto& attempt :
       {+[] { ReadFile("/nonexistent/file", 10); }, +[] { ReadFile("/", 10); },
        +[] { WriteFileAtomic("/nonexistent/file", "x"); }, +[] { CreateFolders("/dev/null/folder"); }}) {
    try {
      attempt();
      FAIL();
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find('/'), std::string::npos) << error.what();
    }
  }
}

TEST(File, AFailedWriteKeepsTheOldBytes) {
  const std::string folder = testing::TempDir() + "fovea_file_keep";
  CreateFolders(folder + "/target");  // a folder cannot be replaced by a file
  EXPECT_THROW(WriteFileAtomic(folder + "/target", "x"), IoError);
  EXPECT_TRUE(std::filesystem::is_directory(folder + "/target"));
}

TEST(Checked, ThrowsInsteadOfOverflowing) {
  EXPECT_EQ(CheckedProduct({1 << 20, 1 << 20}), int64_t{1} << 40);
  EXPECT_THROW(CheckedProduct({int64_t{1} << 40, int64_t{1} << 40}), ArgumentError);
  EXPECT_THROW(CheckedAdd(INT64_MAX, 1), ArgumentError);
}

TEST(Suggest, FindsTheNearestName) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("ab", "ba"), 1);
  EXPECT_EQ(DidYouMean("resnet2", {"lenet5", "resnet20"}), "; did you mean \"resnet20\"?");
  EXPECT_EQ(DidYouMean("zzzzzz", {"a", "b"}), "; choose from a, b");
}

}  // namespace
}  // namespace fovea
