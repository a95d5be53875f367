#include "fovea/data/photo/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

using ::testing::ElementsAre;

struct Placed {
  PhotoPlacement at;
  std::vector<float> planes;
};

Placed Place(const Image& image, int64_t width, int64_t height, PhotoFit fit) {
  Placed placed{{}, std::vector<float>(static_cast<std::size_t>(3 * width * height), -1)};
  placed.at = PlacePhoto(image, width, height, fit, placed.planes.data());
  return placed;
}

// Red is 0 and 255, green 51 everywhere, blue 0.
const Image kPair = {2, 1, {0, 51, 0, 255, 51, 0}};

TEST(PlacePhoto, CornersLieOnCorners) {
  const Placed p = Place(kPair, 5, 2, PhotoFit::kStretch);
  EXPECT_THAT(std::vector<float>(p.planes.begin(), p.planes.begin() + 10),
              ElementsAre(0, 0.25f, 0.5f, 0.75f, 1, 0, 0.25f, 0.5f, 0.75f, 1));
  EXPECT_THAT(std::vector<float>(p.planes.begin() + 10, p.planes.begin() + 12), ElementsAre(0.2f, 0.2f));
  EXPECT_EQ(p.planes.back(), 0);
  EXPECT_EQ(p.at.width, 5);
  EXPECT_EQ(p.at.top, 0);
}

TEST(PlacePhoto, ALetterboxKeepsTheAspect) {
  const Placed p = Place(kPair, 4, 5, PhotoFit::kLetterbox);  // 4x2 of it, one row of three above
  EXPECT_EQ(p.at.width, 4);
  EXPECT_EQ(p.at.height, 2);
  EXPECT_EQ(p.at.left, 0);
  EXPECT_EQ(p.at.top, 1.5);
  const std::vector<float> red(p.planes.begin(), p.planes.begin() + 20);
  EXPECT_THAT(std::vector<float>(red.begin(), red.begin() + 4), ElementsAre(0.5f, 0.5f, 0.5f, 0.5f));
  EXPECT_EQ(red[4], 0);
  EXPECT_EQ(red[7], 1);
  EXPECT_EQ(red[8], 0);
  EXPECT_EQ(red[11], 1);
  EXPECT_EQ(red[12], 0.5f);
  EXPECT_EQ(red[19], 0.5f);
}

TEST(PlacePhoto, ATallPhotoHasGreyBesides) {
  const Placed p = Place({1, 2, {255, 0, 0, 255, 0, 0}}, 4, 2, PhotoFit::kLetterbox);
  EXPECT_EQ(p.at.left, 1.5);
  EXPECT_EQ(p.at.width, 1);
  EXPECT_THAT(std::vector<float>(p.planes.begin(), p.planes.begin() + 4), ElementsAre(0.5f, 1, 0.5f, 0.5f));
}

TEST(PlacePhoto, AnExtremeAspectKeepsAPixel) {
  Image line{100, 1, std::vector<uint8_t>(300, 255)};
  EXPECT_EQ(Place(line, 4, 4, PhotoFit::kLetterbox).at.height, 1);
}

}  // namespace
}  // namespace fovea
