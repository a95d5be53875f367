#include "fovea/network/gradient_check.h"

#include <gtest/gtest.h>

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
