#include "fovea/data/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "fovea/data/loader.h"
#include "fovea/data/mix.h"

namespace fovea {
namespace {

const RandomKey kKey{3, Purpose::kAugment, 1};

TEST(Augment, CutoutBlanksOneSquareInEveryChannel) {
  const Shape shape{3, 10, 10};
  const std::vector<uint8_t> pixels(300, 200);
  const Augmentation augmentation{.cutout = 4, .blank = {1, 2, 3}};
  std::set<std::ptrdiff_t> counts;
  for (int64_t image = 0; image < 300; image++) {
    std::vector<uint8_t> changed(300);
    Augment(augmentation, shape, kKey, image, pixels.data(), changed.data());
    const auto count = std::count(changed.begin(), changed.begin() + 100, uint8_t{1});
    counts.insert(count);
    EXPECT_EQ(std::count(changed.begin() + 100, changed.begin() + 200, uint8_t{2}), count);
    EXPECT_EQ(std::count(changed.begin(), changed.end(), uint8_t{200}), 300 - 3 * count);
  }
  EXPECT_EQ(*counts.rbegin(), 16);
  EXPECT_EQ(*counts.begin(), 4);  // its middle in a corner
}

TEST(Augment, JitterStaysWithinItsFactorsAndKeepsGreyGrey) {
  const Shape shape{3, 1, 1};
  double least = 255, most = 0;
  for (int64_t image = 0; image < 500; image++) {
    const uint8_t grey[] = {100, 100, 100};
    uint8_t changed[3];
    Augment({.jitter = 0.2}, shape, kKey, image, grey, changed);
    EXPECT_EQ(changed[0], changed[1]);
    EXPECT_EQ(changed[0], changed[2]);
    least = std::min<double>(least, changed[0]), most = std::max<double>(most, changed[0]);
  }
  EXPECT_GE(least, 80);  // one pixel is its own mean: only the brightness acts
  EXPECT_LE(most, 120);
  EXPECT_LE(least, 82);
  EXPECT_GE(most, 118);
}

// The rows of a 1x1x5 image 10, 20, ... as they come out over the epochs.
bool Mirrored(Flip flip, uint32_t epoch, int64_t image) {
  const uint8_t pixels[] = {10, 20, 30, 40, 50};
  uint8_t changed[5];
  Augment({.flip = flip}, {1, 1, 5}, {3, Purpose::kAugment, epoch}, image, pixels, changed);
  EXPECT_TRUE(changed[0] == 10 || changed[0] == 50);
  return changed[0] == 50;
}

TEST(Augment, AlternateFlipsTurnEveryImageRoundInEachEpoch) {
  int64_t mirrored = 0, turned_at_random = 0;
  constexpr int64_t kImages = 2000;
  for (int64_t image = 0; image < kImages; image++) {
    const bool first = Mirrored(Flip::kAlternate, 0, image);
    for (uint32_t epoch = 1; epoch < 6; epoch++)
      EXPECT_EQ(Mirrored(Flip::kAlternate, epoch, image), first != (epoch % 2 == 1));
    mirrored += first;
    turned_at_random += Mirrored(Flip::kRandom, 0, image) != Mirrored(Flip::kRandom, 1, image);
    EXPECT_FALSE(Mirrored(Flip::kNone, 0, image));
  }
  EXPECT_NEAR(static_cast<double>(mirrored) / kImages, 0.5, 0.045);  // four standard errors
  EXPECT_NEAR(static_cast<double>(turned_at_random) / kImages, 0.5, 0.045);
}

TEST(Augment, CropsShowZeroOrTheImageMirroredAtItsEdge) {
  using Row = std::array<int, 5>;
  const uint8_t pixels[] = {10, 20, 30, 40, 50};
  const std::set<Row> zero = {
      {0, 0, 10, 20, 30}, {0, 10, 20, 30, 40}, {10, 20, 30, 40, 50}, {20, 30, 40, 50, 0}, {30, 40, 50, 0, 0}};
  const std::set<Row> reflect = {{30, 20, 10, 20, 30},
                                 {20, 10, 20, 30, 40},
                                 {10, 20, 30, 40, 50},
                                 {20, 30, 40, 50, 40},
                                 {30, 40, 50, 40, 30}};
  for (const bool reflects : {false, true}) {
    std::set<Row> seen;
    for (int64_t image = 0; image < 500; image++) {
      uint8_t changed[5];
      Augment({.crop_padding = 2, .reflect = reflects}, {1, 1, 5}, kKey, image, pixels, changed);
      Row row;
      std::copy_n(changed, 5, row.begin());
      // One row of pixels: moved up or down it is outside, or in the mirror itself.
      if (reflects || row != Row{}) seen.insert(row);
    }
    EXPECT_EQ(seen, reflects ? reflect : zero);
  }
}

Batch Numbered(int64_t n) {
  Batch batch;
  batch.images = Tensor<float>({n, 2, 6, 5});
  for (int64_t i = 0; i < batch.images.size(); i++) batch.images[i] = static_cast<float>(i / 60);
  for (int64_t i = 0; i < n; i++) batch.labels.push_back(static_cast<int32_t>(i));
  return batch;
}

TEST(Mix, ImagesAndLabelsAreMixedAlike) {
  for (int64_t number = 0; number < 40; number++) {
    Batch batch = Numbered(7);
    Mix({.mixup = 0.5}, 1, 2, number, batch);
    for (int64_t i = 0; i < 7; i++) {
      const auto other = static_cast<float>(batch.other_labels[static_cast<std::size_t>(i)]);
      EXPECT_NE(other, static_cast<float>(i));
      EXPECT_NEAR(batch.images(i, 1, 3, 2), batch.share * static_cast<float>(i) + (1 - batch.share) * other,
                  1e-5);
    }
  }
}

TEST(Mix, TheShareOfCutMixIsWhatShows) {
  for (int64_t number = 0; number < 40; number++) {
    Batch batch = Numbered(7);
    Mix({.cutmix = 1}, 1, 2, number, batch);
    for (int64_t i = 0; i < 7; i++) {
      const auto image = batch.images.values().subspan(static_cast<std::size_t>(i * 60), 60);
      const auto own = std::count(image.begin(), image.end(), static_cast<float>(i));
      const auto other = static_cast<float>(batch.other_labels[static_cast<std::size_t>(i)]);
      EXPECT_NEAR(static_cast<double>(own) / 60, batch.share, 1e-6);
      EXPECT_EQ(std::count(image.begin(), image.end(), other), 60 - own);
    }
  }
}

TEST(Mix, ABatchOfOneStaysAsItIs) {
  Batch batch = Numbered(1);
  Mix({.mixup = 1}, 1, 2, 0, batch);
  EXPECT_TRUE(batch.other_labels.empty());
}

// Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)); four standard errors of 20,000 draws.
TEST(Mix, SharesHaveTheMomentsOfTheBetaDistribution) {
  for (const double alpha : {0.1, 0.4, 1.0, 3.0}) {
    RandomStream random({1}, 5);
    double sum = 0, square = 0;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; i++) {
      const double x = DrawBeta(alpha, random);
      ASSERT_TRUE(x >= 0 && x <= 1);
      sum += x, square += (x - 0.5) * (x - 0.5);
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / kDraws, 0.5, 4 * std::sqrt(variance / kDraws)) << alpha;
    EXPECT_NEAR(square / kDraws, variance, 0.05 * variance) << alpha;
  }
}

}  // namespace
}  // namespace fovea
