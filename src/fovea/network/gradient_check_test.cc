#include "fovea/network/gradient_check.h"

#include <gtest/gtest.h>

#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/linear.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

TEST(GradientCheck, PassesARightNetwork) {
  Network net = BuildNetwork("glyphnet", {3, 8, 8}, 4);
  net.Initialise(2);
  const GradientReport report = CheckGradients(net);
  EXPECT_TRUE(report.passed);
  EXPECT_EQ(report.rows.size(), 2 + net.parameters().size());
}

// The mean that the second batch norm takes away holds the bias of the first: its gradient is 0, but not for the computer.
TEST(GradientCheck, AGradientThatCancelsIsNotHeldToItsRounding) {
  Network net({3, 2, 2});
  net.Add("bn1", BatchNorm());
  net.Add("conv", Conv2d({.filters = 3, .kernel = {1, 1}, .bias = false}));
  net.Add("bn2", BatchNorm());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 3}));
  for (const uint64_t seed : {1, 2, 3, 4}) {
    net.Initialise(seed);
    const GradientReport report = CheckGradients(net, {.samples = 3, .seed = seed});
    for (const GradientRow& row : report.rows) EXPECT_TRUE(row.passed) << row.tensor << " " << row.error;
  }
}

// A layer whose backward forgets a factor of two.
class Wrong final : public LayerOf<Wrong, NoOptions> {
 public:
  static constexpr std::string_view kType = "wrong";
  Wrong() : LayerOf(NoOptions{}) {}
  Shape OutputShape(std::span<const Shape> x) const override { return x[0]; }
  template <class S>
  void Forward(const ForwardCall<S>& call) const {
    for (int64_t i = 0; i < call.y.size(); i++) call.y[i] = call.x[0][i] * call.x[0][i];
  }
  template <class S>
  void Backward(const BackwardCall<S>& call) const {
    for (int64_t i = 0; i < call.dy.size(); i++) call.dx[0][i] = call.dy[i] * call.x[0][i];
  }
};

TEST(GradientCheck, FindsAWrongLayerAndTheTensorsBeforeIt) {
  Network net({2, 3, 3});
  net.Add("conv", Conv2d({.filters = 2}));
  net.Add("wrong", Wrong());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 3}));
  net.Initialise(1);
  const GradientReport report = CheckGradients(net, {.samples = 3});
  EXPECT_FALSE(report.passed);
  for (const GradientRow& row : report.rows) {
    if (row.tensor == "conv.weight" || row.tensor == "input") {
      EXPECT_FALSE(row.passed);
    } else if (row.tensor == "fc.weight") {
      EXPECT_TRUE(row.passed);
    }
  }
}

}  // namespace
}  // namespace fovea
