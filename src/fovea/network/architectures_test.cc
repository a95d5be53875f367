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
  EXPECT_EQ(BuildNetwork("resnet20:shortcut=pad", {3, 32, 32}, 10).ParameterCount(), 269722);
  EXPECT_EQ(BuildNetwork("resnet110:shortcut=pad:stem=cifar", {3, 32, 32}, 10).ParameterCount(), 1727962);
  const Network lenet = BuildNetwork("lenet5", {1, 28, 28}, 10);
  EXPECT_EQ(lenet.ParameterCount(), 61706);
  const Network three = BuildNetwork("threelayer", {3, 32, 32}, 10);
  EXPECT_EQ(three.ParameterCount(), 32 * 147 + 32 + 100 * 8192 + 100 + 1010);
}

struct Published {
  const char* name;
  Shape input;
  int64_t parameters;
  double multiply_adds;  // of the convolutions and affine layers
};

// Parameters and multiply-adds of the reference implementations (torchvision; for 32x32 the usual CIFAR forms).
TEST(Architectures, CountsAreThoseOfTheReferenceImplementations) {
  const Published cases[] = {
      {"vgg16", {3, 224, 224}, 138357544, 15.470e9},
      {"vgg16_bn", {3, 224, 224}, 138365992, 15.470e9},
      {"resnet18", {3, 224, 224}, 11689512, 1.814e9},
      {"resnet34", {3, 224, 224}, 21797672, 3.664e9},
      {"resnet50", {3, 224, 224}, 25557032, 4.089e9},
      {"mobilenet_v2", {3, 224, 224}, 3504872, 0.3008e9},
      // Multiply-adds as torchvision states them; ours leave out what is no product.
      {"squeezenet1_1", {3, 224, 224}, 1235496, 0.349e9},
      {"densenet121", {3, 224, 224}, 7978856, 2.834e9},
      {"shufflenet_v2", {3, 224, 224}, 2278604, 0.145e9},
      // Redmon & Farhadi: 5.58 billion operations, two of which are a multiply-add; the parameters of darknet19.cfg, sums of
      // filters*channels*size^2 and of a scale and a bias for each filter.
      {"darknet19", {3, 224, 224}, 20842376, 2.79e9},
  };
  for (const Published& c : cases) {
    const Network net = BuildNetwork(c.name, c.input, 1000);
    EXPECT_EQ(net.ParameterCount(), c.parameters) << c.name;
    EXPECT_NEAR(static_cast<double>(net.MultiplyAdds()), c.multiply_adds, 1e-3 * c.multiply_adds) << c.name;
  }
  const Published small[] = {
      {"resnet18", {3, 32, 32}, 11173962, 0.5554e9},
      {"mobilenet_v2", {3, 32, 32}, 2236682, 87.98e6},
      {"vgg16_bn", {3, 32, 32}, 14728266, 0.3132e9},
      // He et al. 2016, table 6: 0.46 M, 0.66 M, 0.85 M and 1.7 M, without the two projections (2,752 parameters).
      {"resnet32", {3, 32, 32}, 464154 + 2752, 69.5e6},
      {"resnet44", {3, 32, 32}, 658586 + 2752, 97.8e6},
      {"resnet56", {3, 32, 32}, 853018 + 2752, 126.2e6},
      {"resnet110", {3, 32, 32}, 1727962 + 2752, 253.6e6},
      // Jordan 2024: 1.97 M, and 0.29 PFLOP for a run, which to two digits is three passes of 8 epochs.
      {"airbench94", {3, 32, 32}, 1972792, 118.1e6},
  };
  for (const Published& c : small) {
    const Network net = BuildNetwork(c.name, c.input, 10);
    EXPECT_EQ(net.ParameterCount(), c.parameters) << c.name;
    EXPECT_NEAR(static_cast<double>(net.MultiplyAdds()), c.multiply_adds, 1e-2 * c.multiply_adds) << c.name;
  }
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
  EXPECT_THROW(BuildNetwork("vgg16:shortcut=pad", {3, 32, 32}, 10), ArgumentError);
  EXPECT_THROW(BuildNetwork("lenet5", {1, 6, 6}, 10), ShapeError);
}

}  // namespace
}  // namespace fovea
