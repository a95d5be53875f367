#include "fovea/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include "fovea/base/checked.h"
#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
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

TEST(File, APipeIsRefusedAndNotWaitedFor) {
  const std::string path = testing::TempDir() + "fovea_pipe";
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THROW(ReadFile(path, 100), IoError);
  EXPECT_THROW(ReadFile("/dev/zero", 100), IoError);
  std::filesystem::remove(path);
}

TEST(File, OnlyARegularFileIsReplaced) {
  const std::string folder = testing::TempDir() + "fovea_file_kinds", pipe = folder + "/pipe";
  std::filesystem::remove_all(folder);
  CreateFolders(folder);
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(MessageOf([&] { WriteFileAtomic(pipe, "x"); }),
              testing::AllOf(testing::HasSubstr(pipe), testing::HasSubstr("not a regular file")));
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST(File, ALinkStaysAndItsFileIsWritten) {
  const std::string folder = testing::TempDir() + "fovea_file_link", link = folder + "/link";
  std::filesystem::remove_all(folder);
  CreateFolders(folder + "/far");
  WriteFileAtomic(folder + "/far/file", "old");
  std::filesystem::create_symlink("far/file", link);
  WriteFileAtomic(link, "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(ReadFile(folder + "/far/file", 100), "new");
  std::filesystem::create_symlink("loop", folder + "/loop");
  EXPECT_THROW(WriteFileAtomic(folder + "/loop", "x"), IoError);
}

TEST(File, AFailedWriteKeepsTheOldBytes) {
  const std::string folder = testing::TempDir() + "fovea_file_keep";
  CreateFolders(folder + "/target");  // a folder cannot be replaced by a file
  EXPECT_THROW(WriteFileAtomic(folder + "/target", "x"), IoError);
  EXPECT_TRUE(std::filesystem::is_directory(folder + "/target"));
}

// The limit on a file's size stands in for a full disk: both refuse a write part of the way through.
TEST(File, AWriteThatStopsHalfwayKeepsTheOldBytes) {
  const std::string folder = testing::TempDir() + "fovea_file_full", path = folder + "/x";
  CreateFolders(folder);
  WriteFileAtomic(path, "old");
  const std::string large(1 << 20, 'n');
  std::string message;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1 << 16, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  try {
    WriteFileAtomic(path, large);
  } catch (const IoError& error) {
    message = error.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(message.find(path), std::string::npos) << message;
  EXPECT_NE(message.find(std::strerror(EFBIG)), std::string::npos) << message;
  EXPECT_EQ(ReadFile(path, 100), "old");
  const std::filesystem::directory_iterator entries(folder);
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);  // the unfinished file is gone
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
