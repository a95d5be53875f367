#include "fovea/network/gradient_check.h"

#include <gtest/gtest.h>

#include <set>

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
  EXPECT_EQ(report.rows.size(), 1);
  const GradientReport each = CheckGradients(net, {.each = true});
  EXPECT_TRUE(each.passed);
  EXPECT_EQ(each.rows.size(), 2 + net.parameters().size());
}

// The mean that the second batch norm takes away holds the bias of the first: its gradient is 0, but not for the computer.
TEST(GradientCheck, AGradientThatCancelsIsNotHeldToItsRounding) {
  Network net({3, 2, 2});
  net.Add("bn1", BatchNorm());
  net.Add("conv", Conv2d({.filters = 3, .kernel = {1, 1}, .bias = false}));
  net.Add("bn2", BatchNorm());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 3}));
  for (const uint64_t seed : {1U, 2U, 3U, 4U}) {
    net.Initialise(seed);
    const GradientReport report = CheckGradients(net, {.samples = 3, .seed = seed, .each = true});
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
  std::set<std::string> wrong;
  for (const GradientRow& row : report.rows) {
    EXPECT_FALSE(row.passed && row.tensor.find('[') == std::string::npos) << row.tensor;
    wrong.insert(row.tensor.substr(0, row.tensor.find('[')));
  }
  EXPECT_EQ(wrong, (std::set<std::string>{"all", "input", "conv.weight", "conv.bias"}));
  for (const GradientRow& row : CheckGradients(net, {.samples = 3, .each = true}).rows) {
    EXPECT_EQ(row.passed, row.tensor.starts_with("fc.")) << row.tensor;
  }
}

// However small the gradient is beside the others.
TEST(GradientCheck, FindsAWrongGradientAmongLargeOnes) {
  Network net({2, 3, 3});
  net.Add("wrong", Wrong());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 3}));
  net.Initialise(1);
  for (float& w : net.MutableParameter(0).values()) w *= 1e-5f;
  const GradientReport report = CheckGradients(net, {.samples = 1});
  EXPECT_FALSE(report.passed);
  ASSERT_GE(report.rows.size(), 2);
  EXPECT_EQ(report.rows[1].tensor, "input");
}

}  // namespace
}  // namespace fovea
