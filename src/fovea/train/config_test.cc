#include "fovea/train/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/base/file.h"

namespace fovea {
namespace {

TEST(TrainConfig, ComesBackFromItsToml) {
  TrainConfig config;
  config.lr = 0.0123, config.data = "cifar10:/some \"folder\"", config.flip = "random", config.epochs = 77;
  config.groups = {"*.bias lr=3", "fc.* epochs=0"};
  const std::string path = testing::TempDir() + "config.toml";
  WriteFileAtomic(path, ConfigToToml(config));
  EXPECT_EQ(ListHyper(ConfigFrom(ReadToml(path))), ListHyper(config));
  EXPECT_THAT(ConfigToToml(config), testing::HasSubstr("\nlr = 0.0123\n"));
}

// Runs and files from before flips could alternate.
TEST(TrainConfig, ReadsAFlipThatIsTrueOrFalse) {
  EXPECT_EQ(ConfigFrom({{"flip", true}}).flip, "random");
  EXPECT_EQ(ConfigFrom({{"flip", false}}).flip, "none");
}

TEST(TrainConfig, LaterValuesWinAndWrongOnesAreNamed) {
  EXPECT_EQ(ConfigFrom({{"batch", int64_t{8}}, {"batch", int64_t{16}}}).batch, 16);
  EXPECT_THAT(
      [] {
        ConfigFrom({{"bach", int64_t{8}}});
      },
      testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("did you mean \"batch\"")));
  EXPECT_THAT(
      [] {
        ConfigFrom({{"batch", int64_t{0}}});
      },
      testing::ThrowsMessage<ArgumentError>(testing::HasSubstr("batch is 0")));
}

TEST(TrainConfig, NamesTheLineOfAMistake) {
  const std::string path = testing::TempDir() + "bad.toml";
  WriteFileAtomic(path, "batch = 8\nlr = = 3\n");
  EXPECT_THAT([&] { ReadToml(path); }, testing::ThrowsMessage<FormatError>(testing::HasSubstr("line 2")));
  for (const char* line : {"lr = [1, 2]", "groups = ['fc.* rl=3']", "groups = ['fc.*', 3]"}) {
    WriteFileAtomic(path, std::string("batch = 8\n") + line + "\n");
    EXPECT_THAT([&] { ReadToml(path); }, testing::ThrowsMessage<FormatError>(testing::HasSubstr("line 2")));
  }
}

TEST(TrainConfig, AResumedRunMayChangeItsThreadsAndItsEnd) {
  TrainConfig a, b;
  b.threads = 3, b.epochs = 20, b.out = "elsewhere";
  EXPECT_TRUE(ForbiddenChanges(a, b).empty());
  b.lr = 1;
  EXPECT_THAT(ForbiddenChanges(a, b), testing::ElementsAre("lr"));
}

}  // namespace
}  // namespace fovea
