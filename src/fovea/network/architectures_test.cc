#include "fovea/network/architectures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

TEST(Architectures, ParametersAndMultiplyAddsAreThePublishedOnes) {
  // He et al. count 0.27 M; the projections of two stages add 2,560 weights and 192 batch norm parameters.
  const Network resnet20 = BuildNetwork("resnet20", {3, 32, 32}, 10);
  EXPECT_EQ(resnet20.ParameterCount(), 269722 + 2560 + 192);
  EXPECT_NEAR(static_cast<double>(resnet20.MultiplyAdds()), 40.8e6, 0.5e6);
  const Network lenet = BuildNetwork("lenet5", {1, 28, 28}, 10);
  EXPECT_EQ(lenet.ParameterCount(), 61706);
  const Network three = BuildNetwork("threelayer", {3, 32, 32}, 10);
  EXPECT_EQ(three.ParameterCount(), 32 * 147 + 32 + 100 * 8192 + 100 + 1010);
}

TEST(Architectures, EveryNameBuilds) {
  for (const std::string& name : NetworkNames()) {
    EXPECT_EQ(BuildNetwork(name, {3, 32, 32}, 7).OutputShape(2), (Shape{2, 7})) << name;
  }
  EXPECT_EQ(BuildNetwork("resnet20", {3, 224, 224}, 5).nodes()[0].shape, (Shape{1, 16, 112, 112}));
  EXPECT_EQ(BuildNetwork("resnet20:stem=cifar", {3, 96, 96}, 5).nodes()[0].shape, (Shape{1, 16, 96, 96}));
}

TEST(Architectures, ErrorsHelp) {
  try {
    BuildNetwork("resnet02", {3, 32, 32}, 10);
    FAIL();
  } catch (const ArgumentError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("resnet20"));
  }
  EXPECT_THROW(BuildNetwork("resnet20:stem=cifer", {3, 32, 32}, 10), ArgumentError);
  EXPECT_THROW(BuildNetwork("lenet5", {1, 6, 6}, 10), ShapeError);
}

}  // namespace
}  // namespace fovea
