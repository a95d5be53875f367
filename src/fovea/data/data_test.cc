#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "fovea/base/file.h"
#include "fovea/base/message_of.h"
#include "fovea/data/augment.h"
#include "fovea/data/cifar.h"
#include "fovea/data/glyphs.h"
#include "fovea/data/split.h"

namespace fovea {
namespace {

std::vector<uint8_t> ReadPixels(const Dataset& data, Split split, int64_t index, int32_t* label = nullptr) {
  std::vector<uint8_t> pixels(static_cast<std::size_t>(data.ImageShape().Size()));
  const int32_t read = data.Read(split, index, pixels.data());
  if (label) *label = read;
  return pixels;
}

TEST(Glyphs, AreAFunctionOfSplitAndNumber) {
  const Glyphs data;
  EXPECT_EQ(data.Size(Split::kTrain), 20000);
  EXPECT_EQ(data.Size(Split::kTest), 4000);
  EXPECT_EQ(ReadPixels(data, Split::kTrain, 17), ReadPixels(Glyphs(), Split::kTrain, 17));
  EXPECT_NE(ReadPixels(data, Split::kTrain, 17), ReadPixels(data, Split::kTest, 17));
  EXPECT_NE(ReadPixels(data, Split::kTrain, 17), ReadPixels(data, Split::kTrain, 18));
}

// FNV-1a over labels and pixels of the first hundred images of both splits: every compiler, optimisation and
// machine draws the same bytes. A change of this number makes old results impossible to repeat.
TEST(Glyphs, AreTheSameBytesEverywhere) {
  const Glyphs data;
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](uint64_t byte) { hash = (hash ^ byte) * 0x100000001b3; };
  for (int64_t i = 0; i < 100; i++) {
    for (const Split split : {Split::kTrain, Split::kTest}) {
      int32_t label = 0;
      const auto pixels = ReadPixels(data, split, i, &label);
      add(static_cast<uint64_t>(label));
      for (const uint8_t byte : pixels) add(byte);
    }
  }
  EXPECT_EQ(hash, 0x5656da8ba63b2746);
}

TEST(Glyphs, HoldEveryDigitAboutEquallyOften) {
  const Glyphs data;
  std::vector<int> count(10);
  for (int64_t i = 0; i < 4000; i++) {
    int32_t label = 0;
    ReadPixels(data, Split::kTest, i, &label);
    count[static_cast<std::size_t>(label)]++;
  }
  for (int c : count) EXPECT_NEAR(c, 400, 5 * std::sqrt(400 * 0.9));  // five standard errors
}

TEST(Cifar10, NamesWhatIsWrongWithAFile) {
  const std::string folder = testing::TempDir() + "fovea_cifar";
  CreateFolders(folder);
  EXPECT_THAT(MessageOf([&] { Cifar data(Cifar::Kind::k10, folder + "/none"); }),
              testing::HasSubstr("data_batch_1.bin"));
  std::string good(2 * 3073, '\1');
  good[3073] = 7;
  for (int b = 1; b <= 5; b++) WriteFileAtomic(folder + "/data_batch_" + std::to_string(b) + ".bin", good);
  WriteFileAtomic(folder + "/test_batch.bin", good.substr(0, 3073));
  const Cifar data(Cifar::Kind::k10, folder);
  EXPECT_EQ(data.Size(Split::kTrain), 10);
  int32_t label = 0;
  ReadPixels(data, Split::kTrain, 3, &label);
  EXPECT_EQ(label, 7);
  WriteFileAtomic(folder + "/data_batch_3.bin", good.substr(0, 4000));
  EXPECT_THAT(MessageOf([&] { Cifar truncated(Cifar::Kind::k10, folder); }),
              testing::AllOf(testing::HasSubstr("data_batch_3.bin"), testing::HasSubstr("lacks 2146 bytes")));
  good[3073] = 10;
  WriteFileAtomic(folder + "/data_batch_3.bin", good);
  EXPECT_THAT(MessageOf([&] { Cifar bad(Cifar::Kind::k10, folder); }),
              testing::HasSubstr("record 1 at offset 3073 has class 10"));
}

TEST(Cifar10, TakesClassNamesFromTheFolder) {
  const std::string folder = testing::TempDir() + "fovea_cifar_names", names = folder + "/batches.meta.txt";
  CreateFolders(folder);
  for (const char* file :
       {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"}) {
    WriteFileAtomic(folder + "/" + file + ".bin", std::string(3073, '\1'));
  }
  std::filesystem::remove(names);
  EXPECT_EQ(Cifar(Cifar::Kind::k10, folder).Classes()[9], "truck");
  WriteFileAtomic(names, "a\nb\nc\nd\ne\nf\ng\nh\ni\r\nlast one\n\n");
  EXPECT_EQ(Cifar(Cifar::Kind::k10, folder).Classes()[8], "i");
  EXPECT_EQ(Cifar(Cifar::Kind::k10, folder).Classes()[9], "last one");
  WriteFileAtomic(names, "a\nb\n");
  EXPECT_THAT(MessageOf([&] { Cifar data(Cifar::Kind::k10, folder); }),
              testing::AllOf(testing::HasSubstr("batches.meta.txt"), testing::HasSubstr("2 class names")));
  WriteFileAtomic(names, "a\nb\x1b[2J\n");
  EXPECT_THAT(MessageOf([&] { Cifar data(Cifar::Kind::k10, folder); }),
              testing::HasSubstr("name 2 holds the byte 0x1b"));
}

TEST(Cifar10, ReadsTheRealFiles) {
  const char* folder = std::getenv("FOVEA_DATA");
  if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "FOVEA_DATA is not set";
  const Cifar data(Cifar::Kind::k10, folder);
  EXPECT_EQ(data.Size(Split::kTrain), 50000);
  EXPECT_EQ(data.Size(Split::kTest), 10000);
  int32_t label = 0;
  ReadPixels(data, Split::kTrain, 0, &label);
  EXPECT_EQ(data.Classes()[static_cast<std::size_t>(label)], "frog");
  // The published channel means of the training set.
  std::vector<int64_t> all(50000);
  for (std::size_t i = 0; i < all.size(); i++) all[i] = static_cast<int64_t>(i);
  const ChannelStatistics statistics = MeasureChannels(data, all);
  EXPECT_NEAR(statistics.mean[0], 0.4914, 5e-5);
  EXPECT_NEAR(statistics.deviation[0], 0.2470, 5e-5);
}

TEST(Dataset, SuggestsTheNearestKind) {
  EXPECT_THAT(MessageOf([] { OpenDataset("glyph"); }), testing::HasSubstr("did you mean \"glyphs\""));
  EXPECT_THAT(MessageOf([] { OpenDataset("cifar10"); }), testing::HasSubstr("cifar10:PATH"));
}

TEST(SplitTraining, HoldsBackTheSameShareOfEveryClass) {
  const Glyphs data(1000, 10);
  const TrainSplit split = SplitTraining(data, 0.1, 5);
  EXPECT_EQ(split.train.size() + split.validation.size(), 1000u);
  std::set<int64_t> both(split.train.begin(), split.train.end());
  both.insert(split.validation.begin(), split.validation.end());
  EXPECT_EQ(both.size(), 1000u);
  std::vector<double> total(10), held(10);
  for (int64_t i = 0; i < 1000; i++) {
    int32_t label = 0;
    ReadPixels(data, Split::kTrain, i, &label);
    total[static_cast<std::size_t>(label)]++;
    if (std::binary_search(split.validation.begin(), split.validation.end(), i))
      held[static_cast<std::size_t>(label)]++;
  }
  for (std::size_t c = 0; c < 10; c++) EXPECT_EQ(held[c], std::floor(total[c] * 0.1 + 0.5));
  EXPECT_NE(SplitTraining(data, 0.1, 6).validation, split.validation);
  EXPECT_TRUE(SplitTraining(data, 0, 5).validation.empty());
  EXPECT_THROW(SplitTraining(data, 1.5, 5), ArgumentError);
  EXPECT_THROW(SplitTraining(data, -0.1, 5), ArgumentError);
}

TEST(Augment, ShiftsAndMirrors) {
  const Shape shape{1, 4, 4};
  std::vector<uint8_t> pixels(16), changed(16);
  for (std::size_t i = 0; i < 16; i++) pixels[i] = static_cast<uint8_t>(i + 1);
  const Augmentation flip{.flip = Flip::kRandom};
  int mirrored = 0;
  for (int64_t image = 0; image < 200; image++) {
    Augment(flip, shape, {3, Purpose::kAugment, 1}, image, pixels.data(), changed.data());
    EXPECT_TRUE(changed == pixels || changed[0] == 4);
    mirrored += changed[0] == 4;
  }
  EXPECT_NEAR(mirrored, 100, 5 * std::sqrt(50.0));  // five standard errors
  std::set<std::vector<uint8_t>> seen;
  for (int64_t image = 0; image < 400; image++) {
    Augment({.crop_padding = 1}, shape, {3, Purpose::kAugment, 1}, image, pixels.data(), changed.data());
    seen.insert(changed);
  }
  EXPECT_EQ(seen.size(), 9u);  // three shifts either way
}

}  // namespace
}  // namespace fovea
