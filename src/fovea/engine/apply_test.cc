// ProgramMatchesReference for every layer with a fast step, over many geometries.
#include "fovea/engine/apply_check.h"
#include "fovea/layers/add.h"
#include "fovea/layers/arithmetic.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/clip.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/elementary.h"
#include "fovea/layers/exponential_units.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gated_units.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/prelu.h"
#include "fovea/layers/registry.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/relu6.h"
#include "fovea/layers/sigmoids.h"
#include "fovea/layers/softmax.h"
#include "fovea/layers/softplus.h"

namespace fovea {
namespace {

TEST(Apply, ConvMatchesReference) {
  Check(Conv2d({.filters = 20, .padding = PadAll(1)}), {3, 17, 9, 8}, Mode::kTraining, "direct convolution");
  Check(
      Conv2d({.filters = 5, .kernel = {2, 3}, .stride = {2, 1}, .padding = {0, 1, 1, 2}, .dilation = {2, 1}}),
      {2, 3, 9, 8});
  Check(Conv2d({.filters = 6, .bias = false}), {2, 3, 5, 5}, Mode::kInference, "direct convolution");
}

// Groups that fill no block are joined: in pairs, in fours, all.
TEST(Apply, ConvOfThinGroupsMatchesReference) {
  for (const Mode mode : {Mode::kTraining, Mode::kInference}) {
    Check(Conv2d({.filters = 64, .padding = PadAll(1), .groups = 8}), {3, 64, 9, 8}, mode,
          "direct convolution");
    Check(Conv2d({.filters = 32, .kernel = {3, 2}, .stride = {2, 2}, .groups = 8, .bias = false}),
          {3, 64, 9, 8}, mode, "direct convolution");
    Check(Conv2d({.filters = 34, .groups = 17}), {2, 17, 4, 4}, mode, "direct convolution");
    Check(Conv2d({.filters = 6, .groups = 3}), {2, 6, 5, 5}, mode, "direct convolution");
    Check(Conv2d({.filters = 6, .groups = 3}), {2, 3, 5, 5}, mode, "direct convolution");
  }
}

TEST(Apply, FastConvMatchesReference) {
  const Conv2d layer({.filters = 20, .padding = PadAll(1)});
  const Arithmetic fast{Numerics::kFast};
  for (const Shape& shape : {Shape{3, 17, 9, 8}, Shape{20, 16, 16, 16}}) {
    CheckBy(fast, layer, shape, Mode::kTraining, "Winograd convolution");
  }
  CheckBy(fast, layer, {1, 17, 32, 32}, Mode::kInference, "Winograd convolution");
  CheckBy(fast, layer, {3, 64, 2, 2}, Mode::kTraining, "Winograd convolution");  // F(2x2)
  CheckBy(fast, layer, {3, 17, 1, 1}, Mode::kTraining, "direct convolution");    // a tile mostly outside
}

TEST(Apply, Bfloat16ConvMatchesReference) {
  for (const Mode mode : {Mode::kTraining, Mode::kInference}) {
    CheckBy(kBf16, Conv2d({.filters = 20, .padding = PadAll(1)}), {40, 17, 9, 8}, mode,
            "bfloat16 convolution");
    CheckBy(kBf16, Conv2d({.filters = 40, .kernel = {1, 1}, .stride = {2, 2}}), {3, 64, 5, 5}, mode,
            "bfloat16 convolution");
  }
  // On floats: the kernels of tiles know one group.
  CheckBy(kBf16, Conv2d({.filters = 6, .groups = 3}), {2, 6, 5, 5}, Mode::kTraining, "direct convolution");
  CheckBy(kBf16, Conv2d({.filters = 48, .padding = PadAll(1), .groups = 3}), {2, 48, 5, 5}, Mode::kTraining,
          "direct convolution");
}

TEST(Apply, LinearMatchesReference) {
  Check(Linear({.features = 10}), {50, 300}, Mode::kTraining, "affine");
  Check(Linear({.features = 33, .bias = false}), {1, 5});
}

TEST(Apply, BatchNormMatchesReference) {
  for (const Shape& shape : {Shape{5, 20, 7, 6}, Shape{40, 33}, Shape{1, 3, 3, 2}}) {
    Check(BatchNorm(), shape, Mode::kTraining, "batch norm");
    Check(BatchNorm({.frozen = true}), shape);
    Check(BatchNorm(), shape, Mode::kInference);
  }
}

TEST(Apply, PoolingMatchesReference) {
  const Pool2dOptions cases[] = {
      {},
      {.kernel = {3, 3}, .stride = {2, 2}, .padding = PadAll(1), .ceil_mode = true},
      {.kernel = {3, 2}, .stride = {1, 3}, .padding = {1, 0, 0, 1}}};
  for (const Pool2dOptions& o : cases) {
    Check(MaxPool2d(o), {3, 19, 9, 8}, Mode::kTraining, "max pooling");
    AvgPool2dOptions average;
    static_cast<Pool2dOptions&>(average) = o;
    Check(AvgPool2d(average), {3, 19, 9, 8}, Mode::kTraining, "average pooling");
    average.count_include_pad = false;
    Check(AvgPool2d(average), {3, 19, 9, 8});
  }
  Check(GlobalAvgPool(), {3, 19, 4, 5}, Mode::kTraining, "average pooling");
  const Pool2dOptions dilated{.kernel = {3, 2}, .dilation = {2, 3}, .padding = PadAll(1)};
  Check(MaxPool2d(dilated), {3, 19, 9, 8}, Mode::kTraining, "reference");
  Check(AvgPool2d({dilated, true}), {3, 19, 9, 8}, Mode::kTraining, "reference");
}

TEST(Apply, ElementwiseMatchesReference) {
  Check(Relu(), {3, 19, 4, 5}, Mode::kTraining, "rectify");
  for (const double slope : {0.1, 3.0})
    Check(LeakyRelu({.slope = slope}), {3, 19}, Mode::kTraining, "rectify");
  for (const double slope : {0.0, -0.5})
    Check(LeakyRelu({.slope = slope}), {3, 19}, Mode::kTraining, "reference");
  Check(Relu6(), {3, 19}, Mode::kTraining, "rectify");
  Check(Flatten(), {3, 19, 4, 5}, Mode::kTraining, "view");
  Check(Softmax(), {7, 12}, Mode::kTraining, "softmax");
  Check(LogSoftmax(), {7, 12}, Mode::kTraining, "log softmax");
  Check(LogSoftmax(), {7, 37}, Mode::kInference, "log softmax");
  Check(Softmax(), {2, 12, 3, 3}, Mode::kTraining, "reference");
  Check(Dropout({.rate = 0.4}), {3, 19, 4, 5}, Mode::kTraining, "dropout");
  Check(Dropout({.rate = 0.4}), {3, 19, 4, 5}, Mode::kInference, "view");
}

template <class... L>
void CheckEach(const Shape& x, Mode mode, const L&... layers) {
  (Check(layers, x, mode, L::kType.data()), ...);
}

// Functions of one element, over non-default parameters; a tail of channels, features and whole blocks.
TEST(Apply, PointwiseMatchesReference) {
  for (const Shape& x : {Shape{3, 19, 9, 8}, Shape{5, 33}, Shape{2, 16, 3, 3}}) {
    for (const Mode mode : {Mode::kTraining, Mode::kInference}) {
      CheckEach(x, mode, Gelu(), Gelu({.approximate = "tanh"}), Elu({.alpha = 0.7}), Selu(),
                Celu({.alpha = 1.3}));
      CheckEach(x, mode, Sigmoid(), HyperbolicTangent(), Softsign(), Hardsigmoid(), Hardsigmoid({0.25, 0.5}));
      CheckEach(x, mode, Silu(), Mish(), Hardswish(), Softplus(), Softplus({2, 0.8}), LogSigmoid());
      CheckEach(x, mode, Clip({-0.3, 0.9}), Clip({0.2, 0.9}), Clip(), Exponential(), AbsoluteValue(),
                Negative());
    }
  }
}

// A constant operand of one number, and of one for each channel; other shapes go by the reference.
TEST(Apply, ArithmeticWithAnOperandMatchesReference) {
  for (const std::vector<int64_t>& operand : {std::vector<int64_t>{1}, {19, 1, 1}}) {
    const Shape x{40, 19, 3, 5};
    CheckEach(x, Mode::kTraining, Add({operand}), Multiply({operand}), Minimum({operand}), Maximum({operand}),
              Subtract({{operand}, false}), Subtract({{operand}, true}));
  }
  Check(Add({{33}}), {5, 33}, Mode::kTraining, "add");
  Check(Multiply({{19, 4, 5}}), {3, 19, 4, 5}, Mode::kTraining, "reference");
  for (const bool per_channel : {false, true}) {
    CheckEach({40, 19, 3, 5}, Mode::kTraining, Prelu({.per_channel = per_channel}));
    CheckEach({5, 33}, Mode::kTraining, Prelu({.per_channel = per_channel}));
    CheckEach({3, 19, 4, 5}, Mode::kInference, Prelu({.per_channel = per_channel}));
  }
}

// A map at least as large as the window reaches.
Shape Grown(Shape map, Size2 window, const Padding& padding) {
  return {map[0], map[1], std::max(map[2], window.h - padding.top - padding.bottom),
          std::max(map[3], window.w - padding.left - padding.right)};
}

TEST(ApplyMany, Conv) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    Conv2dOptions o{.filters = draw.Between(1, 35),
                    .kernel = draw.Sides(1, 4),
                    .stride = draw.Sides(1, 3),
                    .padding = draw.Margins(2),
                    .dilation = draw.Sides(1, 2),
                    .bias = draw.Coin()};
    Shape x = draw.Map();
    if (draw.Between(0, 3) == 0) o.groups = draw.Between(1, 4), o.filters *= o.groups;
    x = Grown({x[0], x[1] * o.groups, x[2], x[3]},
              {(o.kernel.h - 1) * o.dilation.h + 1, (o.kernel.w - 1) * o.dilation.w + 1}, o.padding);
    Check(Conv2d(o), x, draw.AnyMode());
  }
}

TEST(ApplyMany, Depthwise) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    const int64_t channels = draw.Between(2, 35);
    const Conv2dOptions o{.filters = channels,
                          .kernel = draw.Sides(1, 5),
                          .stride = draw.Sides(1, 3),
                          .padding = draw.Margins(2),
                          .dilation = draw.Sides(1, 2),
                          .groups = channels,
                          .bias = draw.Coin()};
    const Shape x = draw.Map();
    Check(Conv2d(o),
          Grown({draw.Between(1, 40), channels, x[2] + draw.Between(0, 9), x[3] + draw.Between(0, 9)},
                {(o.kernel.h - 1) * o.dilation.h + 1, (o.kernel.w - 1) * o.dilation.w + 1}, o.padding),
          draw.AnyMode(), "depthwise convolution");
  }
}

TEST(ApplyMany, Linear) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    const Shape x{draw.Between(1, 40), draw.Between(1, 300)};
    Check(Linear({.features = draw.Between(1, 80), .bias = draw.Coin()}), x, draw.AnyMode());
  }
}

TEST(ApplyMany, BatchNorm) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    Shape x = draw.Map();
    if (x[0] * x[2] * x[3] < 8)
      x = {x[0] + 7, x[1], x[2], x[3]};  // two samples have no variance worth a name
    if (draw.Coin()) x = {x[0] + 30, x[1]};
    Check(BatchNorm({.frozen = draw.Between(0, 3) == 0}), x, draw.AnyMode());
  }
}

TEST(ApplyMany, Pooling) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    AvgPool2dOptions o;
    o.kernel = draw.Sides(1, 4), o.stride = draw.Sides(1, 3), o.ceil_mode = draw.Coin();
    o.padding = draw.Margins(std::min(o.kernel.h, o.kernel.w) / 2);
    o.count_include_pad = draw.Coin();
    const Shape x = Grown(draw.Map(), o.kernel, o.padding);
    Check(AvgPool2d(o), x, draw.AnyMode());
    Check(MaxPool2d(o), x, draw.AnyMode());
    Check(GlobalAvgPool(), x, draw.AnyMode());
  }
}

TEST(ApplyMany, Elementwise) {
  for (int i = 0; i < kGeometries; i++) {
    Draw draw(i);
    const Shape x = draw.Map();
    Check(Relu(), x, draw.AnyMode());
    Check(LeakyRelu({.slope = draw.Coin() ? 0.1 : -2}), x, draw.AnyMode());
    Check(Relu6(), x, draw.AnyMode());
    Check(Gelu({.approximate = draw.Coin() ? "tanh" : "none"}), x, draw.AnyMode());
    Check(Sigmoid(), x, draw.AnyMode());  // f(0) is not 0
    Check(Flatten(), x, draw.AnyMode());
    Check(Dropout({.rate = 0.1 * static_cast<double>(draw.Between(0, 9))}), x, draw.AnyMode());
    Check(Softmax(), {x[0], x[1] * x[2]}, draw.AnyMode());
  }
}

// The whole chain that reads a flattened map, and the fused batch norm + ReLU.
TEST(Apply, FusedChainMatchesReference) {
  Network net({3, 10, 10});
  net.Add("conv", Conv2d({.filters = 20, .padding = PadAll(1), .bias = false}));
  net.Add("bn", BatchNorm());
  net.Add("relu", Relu());
  net.Add("pool", MaxPool2d());
  net.Add("flatten", Flatten());
  net.Add("drop", Dropout({.rate = 0.2}));
  net.Add("fc1", Linear({.features = 30}));
  net.Add("relu2", Relu());
  net.Add("fc2", Linear({.features = 7}));
  net.Initialise(4);
  EXPECT_EQ(CheckNetwork(net, 20)[1].nodes, "bn+relu+pool");
}

// Rectifiers that end in a pooling: windows in which all, some and no values pass, and a value that is read before it is pooled.
TEST(Apply, RectifiedPoolingMatchesReference) {
  Network net({3, 11, 12});
  net.Add("conv1", Conv2d({.filters = 19, .padding = PadAll(1)}));
  net.Add("relu1", Relu());
  net.Add("pool1", MaxPool2d({.kernel = {3, 2}, .stride = {2, 2}}));
  net.Add("conv2", Conv2d({.filters = 20, .padding = PadAll(1)}));
  const int capped = net.Add("relu2", Relu6());
  net.Add("pool2", MaxPool2d());
  net.Add("up", Conv2d({.filters = 8, .kernel = {1, 1}}), {capped});
  net.Add("leaky", LeakyRelu({.slope = 0.1}));
  net.Add("pool3", MaxPool2d());
  net.Add("join", Concat(), {capped + 1, capped + 4});
  net.Add("gap", GlobalAvgPool());
  net.Initialise(6);
  for (float& v : net.MutableParameter(2).values()) v *= 8;  // some values reach the cap
  const std::vector<StepInfo> steps = CheckNetwork(net, 7);
  EXPECT_EQ(steps[1].nodes, "relu1+pool1");
  EXPECT_EQ(steps[3].nodes, "relu2");
}

// Branches of channels that do and do not fill blocks, joined twice, with a saturating rectifier behind a norm.
TEST(Apply, ConcatMatchesReference) {
  Network net({3, 10, 9});
  const int a = net.Add("a", Conv2d({.filters = 19, .stride = {2, 2}, .auto_pad = "same"}), {0});
  const int b = net.Add("b", Conv2d({.filters = 32, .kernel = {1, 1}, .stride = {2, 2}}), {0});
  net.Add("pool", AvgPool2d({{.auto_pad = "same"}, false}), {0});
  const int c = net.Add("bn", BatchNorm());
  const int d = net.Add("relu6", Relu6());
  net.Add("join", Concat(), {a, b, d, b});
  net.Add("deep", Conv2d({.filters = 86, .padding = PadAll(1), .groups = 86}));
  const int joined = net.Add("again", Concat(), {c, net.ValueCount() - 1});
  net.Add("gap", GlobalAvgPool(), {joined});
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 7}));
  net.Initialise(5);
  for (const StepInfo& step : CheckNetwork(net, 5)) EXPECT_NE(step.step, "reference") << step.nodes;
}

// Of two values: maps, a map and a gate on either side, a value and itself, and shapes that only the reference knows.
TEST(Apply, ArithmeticOfValuesMatchesReference) {
  Network net({3, 6, 5});
  const int a = net.Add("a", Conv2d({.filters = 19, .padding = PadAll(1)}));
  const int b = net.Add("b", Conv2d({.filters = 19, .padding = PadAll(1)}), {0});
  net.Add("squeeze", GlobalAvgPool(), {b});
  net.Add("excite", Conv2d({.filters = 19, .kernel = {1, 1}}));
  const int gate = net.Add("gate", Sigmoid());
  const int gated = net.Add("gated", Multiply(), {a, gate});
  const int other = net.Add("other", Subtract(), {gate, b});
  const int most = net.Add("most", Maximum(), {gated, other});
  const int square = net.Add("square", Multiply(), {most, most});
  const int twice = net.Add("twice", Add(), {square, square});
  const int shifted = net.Add("shifted", Add({.operand = {1}}));
  const int share = net.Add("share", Divide(), {twice, shifted});
  net.Add("rows", Add(),
          {share, net.Add("pool", AvgPool2d({{.kernel = {6, 1}, .stride = {1, 1}}}), {share})});
  net.Initialise(8);
  net.MutableParameter(static_cast<int>(net.parameters().size()) - 1)[0] = 2;
  const std::vector<StepInfo> steps = CheckNetwork(net, 37);
  for (const StepInfo& step : steps) EXPECT_EQ(step.step == "reference", step.nodes == "rows") << step.nodes;
}

// Behind a batch norm, in its passes: functions that are not 0 at 0 leave the lanes behind the last channel clear.
TEST(Apply, NormalisedCurvesMatchReference) {
  Network net({3, 6, 5});
  for (const char* type : {"silu", "mish", "hardswish", "sigmoid", "softplus", "elu"}) {
    const std::string name = type;
    net.Add(name + ".conv", Conv2d({.filters = 19, .padding = PadAll(1), .bias = false}));
    net.Add(name + ".bn", BatchNorm());
    net.Add(name, MakeLayer(type));
  }
  net.Initialise(9);
  int fused = 0;
  for (const StepInfo& step : CheckNetwork(net, 9)) fused += step.step == "batch norm + pointwise";
  EXPECT_EQ(fused, 6);
}

}  // namespace
}  // namespace fovea
