#include "fovea/layers/hyper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/base/message_of.h"
#include "fovea/layers/registry.h"

namespace fovea {
namespace {

TEST(Hyper, ALayerIsRebuiltFromItsList) {
  const auto layer = MakeLayer("conv2d", {{"filters", int64_t{8}},
                                          {"kernel", std::vector<int64_t>{1, 7}},
                                          {"padding", std::vector<int64_t>{0, 3}},
                                          {"bias", false}});
  EXPECT_TRUE(*layer == *MakeLayer("conv2d", layer->HyperParameters()));
  EXPECT_FALSE(*layer == *MakeLayer("conv2d"));
}

TEST(Hyper, ErrorsNameTheLayerTheValueAndTheNearestName) {
  EXPECT_THAT(MessageOf([] {
                MakeLayer("conv2d", {{"filter", int64_t{8}}});
              }),
              testing::AllOf(testing::HasSubstr("conv2d"), testing::HasSubstr("did you mean \"filters\"")));
  EXPECT_EQ(MessageOf([] {
              MakeLayer("conv2d", {{"stride", int64_t{0}}});
            }),
            "conv2d: stride is [0,0]; it must be between 1 and 16777216");
  EXPECT_THAT(MessageOf([] {
                MakeLayer("conv2d", {{"bias", int64_t{1}}});
              }),
              testing::HasSubstr("true or false"));
  EXPECT_THAT(MessageOf([] { MakeLayer("conv3d"); }), testing::HasSubstr("did you mean \"conv2d\""));
}

TEST(Hyper, ListsOfNumbers) {
  std::vector<int64_t> integers;
  FromHyper("operand", HyperValue(int64_t{3}), integers);
  EXPECT_THAT(integers, testing::ElementsAre(3));
  std::vector<double> reals;
  FromHyper("weights", HyperValue(std::vector<int64_t>{3, 4}), reals);
  EXPECT_THAT(reals, testing::ElementsAre(3, 4));
  FromHyper("weights", ToHyper(std::vector<double>{0.5, 2}), reals);
  EXPECT_EQ(ToString(HyperValue(reals)), "[0.5,2]");
  EXPECT_THAT(MessageOf([&] { FromHyper("weights", HyperValue(std::string("b")), reals); }),
              testing::HasSubstr("a list of numbers"));
  EXPECT_THROW(CheckRule("loss", "weights", HyperValue(std::vector<double>{0.5, -2}), AtLeast(0)),
               ArgumentError);
}

TEST(Hyper, AListOfTextsKeepsItsOrder) {
  std::vector<std::string> texts;
  FromHyper("groups", ToHyper(std::vector<std::string>{"b", "a"}), texts);
  EXPECT_THAT(texts, testing::ElementsAre("b", "a"));
  EXPECT_EQ(ToString(HyperValue(texts)), "[b,a]");
  EXPECT_THAT(MessageOf([&] { FromHyper("groups", HyperValue(std::string("b")), texts); }),
              testing::HasSubstr("a list of texts"));
}

}  // namespace
}  // namespace fovea
