#include "fovea/formats/darknet/boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fovea/base/message_of.h"

namespace fovea {
namespace {

using ::testing::HasSubstr;

// One box of two classes at each of 2x3 cells, the second of two anchors, for an input of 20x60 pixels.
DetectionHead Example() {
  DetectionHead head;
  head.type = "yolo";
  head.shape = {7, 2, 3};
  head.classes = 2;
  head.anchors = {1, 2, 6, 5};
  head.mask = {1};
  return head;
}
const Shape kInput = {3, 20, 60};

// Numbers that say nothing but at row 1, column 2.
std::vector<float> Outputs(const std::vector<float>& box, float nothing) {
  std::vector<float> outputs(7 * 6, nothing);
  for (std::size_t k = 0; k < 7; k++) outputs[k * 6 + 5] = box[k];
  return outputs;
}

// s(log 3) = 3/4, s(0) = 1/2, s(-log 3) = 1/4, s(log 9) = 9/10. A unit of float in a logarithm is 1e-7 of the result.
TEST(DecodeYolo, IsTheEquation) {
  const float log3 = std::log(3.0f);
  const auto found = DecodeYolo(std::vector{Example()}, kInput,
                                Outputs({log3, 0, std::log(2.0f), 0, std::log(9.0f), -log3, log3}, -50), 0.5);
  ASSERT_EQ(found.size(), 1u);  // 0.9*0.25 is below the threshold
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].probability, 0.9 * 0.75, 1e-6);
  EXPECT_NEAR(found[0].box.x, (2 + 0.75) / 3, 1e-6);
  EXPECT_NEAR(found[0].box.y, (1 + 0.5) / 2, 1e-6);
  EXPECT_NEAR(found[0].box.w, 6 * 2 / 60.0, 1e-6);
  EXPECT_NEAR(found[0].box.h, 5 / 20.0, 1e-6);
}

TEST(DecodeYolo, ScalesThePlaceInItsCell) {
  DetectionHead head = Example();
  head.scale_x_y = 2;
  const auto found =
      DecodeYolo(std::vector{head}, kInput, Outputs({std::log(3.0f), 0, 0, 0, 50, 50, -50}, -50), 0.5);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NEAR(found[0].box.x, (2 + 2 * 0.75 - 0.5) / 3, 1e-6);
  EXPECT_NEAR(found[0].box.y, (1 + 0.5) / 2, 1e-6);
}

TEST(DecodeYolo, TakesNewCoordinatesAsTheyAre) {
  DetectionHead head = Example();
  head.new_coords = true;
  const auto found =
      DecodeYolo(std::vector{head}, kInput, Outputs({0.25f, 0.5f, 0.75f, 0.5f, 0.5f, 0.5f, 1}, 0), 0.25);
  ASSERT_EQ(found.size(), 1u);  // a product of 0.25 is not above the threshold
  EXPECT_EQ(found[0].label, 1);
  EXPECT_EQ(found[0].probability, 0.5);
  EXPECT_NEAR(found[0].box.x, 2.25 / 3, 1e-12);
  EXPECT_NEAR(found[0].box.w, 6 * 1.5 * 1.5 / 60, 1e-12);
  EXPECT_NEAR(found[0].box.h, 5 / 20.0, 1e-12);
}

TEST(DecodeYolo, ReadsEachHeadAtItsOffset) {
  std::vector<DetectionHead> heads = {Example(), Example()};
  heads[1].offset = 42;
  std::vector<float> outputs = Outputs({0, 0, 0, 0, -50, 50, 50}, -50);
  const auto second = Outputs({0, 0, 0, 0, 50, 50, 50}, -50);
  outputs.insert(outputs.end(), second.begin(), second.end());
  EXPECT_EQ(DecodeYolo(heads, kInput, outputs, 0.5).size(), 2u);
  outputs.pop_back();
  EXPECT_THAT(MessageOf([&] { DecodeYolo(heads, kInput, outputs, 0.5); }), HasSubstr("outside"));
  heads[0].type = "region";
  EXPECT_THAT(MessageOf([&] { DecodeYolo(heads, kInput, outputs, 0.5); }), HasSubstr("not of [region]"));
}

TEST(DecodeYolo, FindsNothingInNaN) {
  EXPECT_TRUE(DecodeYolo(std::vector{Example()}, kInput, std::vector<float>(42, NAN), 0.5).empty());
}

TEST(Overlap, IsIntersectionOverUnion) {
  EXPECT_EQ(Overlap({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_EQ(Overlap({0, 0, 2, 2}, {1, 0, 2, 2}), 2.0 / 6);
  EXPECT_EQ(Overlap({0, 0, 2, 2}, {1, 1, 2, 2}), 1.0 / 7);
  EXPECT_EQ(Overlap({0, 0, 2, 2}, {2, 0, 2, 2}), 0);
  EXPECT_EQ(Overlap({0, 0, 4, 4}, {0, 0, 2, 2}), 0.25);
  EXPECT_EQ(Overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

// b overlaps a by 3/5, c overlaps b by 3/5 and a by 1/3; d is of another class.
TEST(SuppressOverlaps, AHiddenBoxHidesNone) {
  const Detection a{0, 0.9, {0, 0, 4, 4}}, b{0, 0.8, {1, 0, 4, 4}}, c{0, 0.7, {2, 0, 4, 4}},
      d{1, 0.85, {0, 0, 4, 4}};
  const auto labels_and_places = [](const std::vector<Detection>& found) {
    std::vector<std::pair<int32_t, double>> all;
    for (const Detection& f : found) all.emplace_back(f.label, f.box.x);
    return all;
  };
  using Kept = std::vector<std::pair<int32_t, double>>;
  EXPECT_EQ(labels_and_places(SuppressOverlaps({c, b, a, d}, 0.5)), (Kept{{0, 0}, {1, 0}, {0, 2}}));
  EXPECT_EQ(labels_and_places(SuppressOverlaps({c, b, a, d}, 0.6)), (Kept{{0, 0}, {1, 0}, {0, 1}, {0, 2}}));
  EXPECT_EQ(labels_and_places(SuppressOverlaps({c, b, a, d}, 0.3)), (Kept{{0, 0}, {1, 0}}));
}

}  // namespace
}  // namespace fovea
