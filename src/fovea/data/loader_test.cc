#include "fovea/data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "fovea/base/error.h"
#include "fovea/data/glyphs.h"

namespace fovea {
namespace {

const Preprocessing kPreprocessing{{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}};

std::vector<int64_t> Numbers(int64_t count) {
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < count; i++) numbers.push_back(i);
  return numbers;
}

std::vector<Batch> LoadAll(const LoaderOptions& options, int64_t count, int64_t epoch, int64_t first = 0) {
  const Glyphs data(100, 10);
  Loader loader(data, kPreprocessing, Numbers(count), options, epoch, first);
  std::vector<Batch> batches;
  for (Batch batch; loader.Next(batch);) batches.push_back(std::move(batch));
  return batches;
}

TEST(Loader, ALastBatchOfOneJoinsTheOneBefore) {
  EXPECT_THAT(BatchSizes(10, 4), testing::ElementsAre(4, 4, 2));
  EXPECT_THAT(BatchSizes(9, 4), testing::ElementsAre(4, 5));
  EXPECT_THAT(BatchSizes(8, 4), testing::ElementsAre(4, 4));
  EXPECT_THAT(BatchSizes(1, 4), testing::ElementsAre(1));
  EXPECT_THAT(BatchSizes(3, 1), testing::ElementsAre(1, 1, 1));
}

TEST(Loader, ServesEveryImageOnceInAnOrderOfItsEpoch) {
  const LoaderOptions options{
      .batch = 7, .shuffle = true, .augmentation = {.crop_padding = 2, .flip = Flip::kRandom}, .seed = 4};
  std::vector<int64_t> order;
  for (const Batch& batch : LoadAll(options, 50, 3))
    order.insert(order.end(), batch.samples.begin(), batch.samples.end());
  EXPECT_EQ(order, EpochOrder(Numbers(50), 4, 3));
  EXPECT_NE(order, EpochOrder(Numbers(50), 4, 2));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, Numbers(50));
}

TEST(Loader, ResumesAtAnyBatchWithTheSameBytes) {
  const LoaderOptions options{
      .batch = 8, .shuffle = true, .augmentation = {.crop_padding = 2, .flip = Flip::kRandom}, .seed = 4};
  const auto whole = LoadAll(options, 50, 1), rest = LoadAll(options, 50, 1, 3);
  ASSERT_EQ(whole.size(), rest.size() + 3);
  for (std::size_t i = 0; i < rest.size(); i++) {
    EXPECT_EQ(rest[i].samples, whole[i + 3].samples);
    EXPECT_THAT(rest[i].images.values(), testing::ElementsAreArray(whole[i + 3].images.values()));
  }
}

TEST(Loader, NormalisesAsStated) {
  const Glyphs data(100, 10);
  std::vector<uint8_t> pixels(3072);
  data.Read(Split::kTrain, 0, pixels.data());
  const auto batches = LoadAll({.batch = 1}, 1, 0);
  EXPECT_FLOAT_EQ(batches[0].images[100], (static_cast<float>(pixels[100]) / 255 - 0.5f) / 0.25f);
}

class Broken final : public Dataset {
 public:
  std::string Name() const override { return "broken"; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {3, 2, 2}; }
  int64_t Size(Split) const override { return 100; }
  int32_t Read(Split, int64_t index, uint8_t* pixels) const override {
    if (index == 20) throw std::runtime_error("image 20");
    std::fill_n(pixels, 12, uint8_t{0});
    return 0;
  }

 private:
  std::vector<std::string> classes_{"a"};
};

TEST(Loader, CarriesAnErrorToTheReader) {
  const Broken data;
  for (const int workers : {1, 3}) {
    Loader loader(data, kPreprocessing, Numbers(100), {.batch = 8, .workers = workers}, 0);
    Batch batch;
    EXPECT_TRUE(loader.Next(batch));
    EXPECT_TRUE(loader.Next(batch));
    EXPECT_THROW(loader.Next(batch), std::runtime_error);
  }
}

TEST(Loader, RefusesPlacesThatAreNotThere) {
  EXPECT_THROW(BatchSizes(10, 0), ArgumentError);
  EXPECT_THROW(LoadAll({.batch = 10}, 50, 0, 6), ArgumentError);
  EXPECT_THROW(LoadAll({.batch = 10}, 50, 0, -1), ArgumentError);
  EXPECT_TRUE(LoadAll({.batch = 10}, 50, 0, 5).empty());
}

TEST(Loader, AnyNumberOfWorkersServesTheSameBatches) {
  LoaderOptions options{.batch = 11, .shuffle = true, .mixing = {.mixup = 0.3, .cutmix = 1}, .seed = 4};
  options.augmentation = {.crop_padding = 2, .flip = Flip::kRandom, .cutout = 8, .jitter = 0.3};
  const auto one = LoadAll(options, 100, 1);
  for (const int workers : {2, 5}) {
    options.workers = workers;
    const auto more = LoadAll(options, 100, 1);
    ASSERT_EQ(more.size(), one.size());
    for (std::size_t i = 0; i < one.size(); i++) {
      EXPECT_EQ(more[i].samples, one[i].samples);
      EXPECT_EQ(more[i].labels, one[i].labels);
      EXPECT_EQ(more[i].other_labels, one[i].other_labels);
      EXPECT_EQ(more[i].share, one[i].share);
      EXPECT_THAT(more[i].images.values(), testing::ElementsAreArray(one[i].images.values()));
    }
  }
}

TEST(Loader, CanBeLeftEarly) {
  const Glyphs data(100, 10);
  Loader loader(data, kPreprocessing, Numbers(100), {.batch = 4}, 0);
  Batch batch;
  EXPECT_TRUE(loader.Next(batch));
}

}  // namespace
}  // namespace fovea
