#include "fovea/network/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/layers/add.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

Network Residual() {
  Network net({2, 5, 5});
  const int a = net.Add("conv1", Conv2d({.filters = 2, .padding = PadAll(1)}));
  net.Add("relu1", Relu());
  const int b = net.Add("conv2", Conv2d({.filters = 2, .padding = PadAll(1)}));
  net.Add("join", Add(), {a, b});
  net.Initialise(7);
  return net;
}

TEST(Network, ErrorsNameTheLayerAndTheShapes) {
  Network net({3, 2, 8});
  try {
    net.Add("stem", Conv2d({.filters = 4}));
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("stem"), testing::HasSubstr("1x3x2x8"),
                                             testing::HasSubstr("kernel=[3,3]")));
  }
  EXPECT_THROW(net.Add("bad name", Relu()), ArgumentError);
  net.Add("a", Relu());
  EXPECT_THROW(net.Add("a", Relu()), ArgumentError);
  EXPECT_THROW(net.Add("b", Add(), {0}), ArgumentError);
  EXPECT_THROW(net.Add("b", Add(), {0, 9}), ArgumentError);
  EXPECT_THROW(Network({int64_t{1} << 31, 5, 6}), ShapeError);
}

TEST(Network, InitialisationDependsOnTheSeedAlone) {
  Network a = Residual(), b = Residual();
  EXPECT_TRUE(SameGraph(a, b));
  for (std::size_t i = 0; i < a.parameters().size(); i++) {
    EXPECT_THAT(a.parameters()[i].value.values(),
                testing::ElementsAreArray(b.parameters()[i].value.values()));
  }
  b.Initialise(8);
  EXPECT_NE(a.parameters()[0].value[0], b.parameters()[0].value[0]);
}

TEST(Network, DiracKeepsTheInput) {
  Network net({3, 4, 4});
  net.Add("same", Conv2d({.filters = 3, .padding = PadAll(1), .bias = false, .init = "dirac"}));
  net.Initialise(1);
  Tensor<float> x({2, 3, 4, 4});
  for (int64_t i = 0; i < x.size(); i++) x[i] = static_cast<float>(i);
  Reference<float> reference(net);
  const auto y = reference.Forward(x, Mode::kInference);
  EXPECT_THAT(y.values(), testing::ElementsAreArray(x.values()));
}

TEST(Reference, AddsTheGradientsOfAValueWithTwoReaders) {
  const Network net = Residual();
  Tensor<double> x({1, 2, 5, 5}), dy({1, 2, 5, 5}), direction(x.shape());
  RandomStream stream({3}, 0);
  for (auto* t : {&x, &dy, &direction}) {
    for (double& v : t->values()) v = stream.Normal();
  }
  Reference<double> real(net);
  real.Forward(x, Mode::kTraining);
  real.Backward(dy);
  Reference<Dual> dual(net);
  Tensor<Dual> moved(x.shape());
  for (int64_t i = 0; i < x.size(); i++) moved[i] = {x[i], direction[i]};
  const auto y = dual.Forward(moved, Mode::kTraining);
  double forward = 0, backward = 0;
  for (int64_t i = 0; i < dy.size(); i++) forward += dy[i] * y[i].derivative;
  for (int64_t i = 0; i < x.size(); i++) backward += real.ValueGradient(0)[i] * direction[i];
  EXPECT_NEAR(forward, backward, 1e-12 * std::abs(forward));  // sums of a few hundred products
}

}  // namespace
}  // namespace fovea
