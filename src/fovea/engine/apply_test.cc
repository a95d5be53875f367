// ProgramMatchesReference for every layer with a fast step, over many geometries.
#include "fovea/engine/apply.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fovea/kernels/bfloat16.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/relu6.h"
#include "fovea/layers/softmax.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

Tensor<float> Normal(const Shape& shape, uint64_t index) {
  Tensor<float> t(shape);
  RandomStream stream({13}, index);
  for (float& v : t.values()) v = static_cast<float>(stream.Normal());
  return t;
}

// The same in numbers that the program stores as they are.
Tensor<float> Normal(const Shape& shape, uint64_t index, const Arithmetic& arithmetic) {
  Tensor<float> t = Normal(shape, index);
  if (arithmetic.precision == Precision::kBfloat16) {
    for (float& v : t.values()) v = WidenBfloat16(RoundToBfloat16(v));
  }
  return t;
}

// rms error over rms result, and the largest error over ten times that.
void ExpectNear(TensorView<const float> got, TensorView<const double> want, double tolerance) {
  ASSERT_EQ(got.shape(), want.shape());
  double error = 0, size = 0, worst = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    const double e = std::abs(static_cast<double>(got[i]) - want[i]);
    ASSERT_FALSE(std::isnan(e)) << i;
    error += e * e, size += want[i] * want[i], worst = std::max(worst, e);
  }
  EXPECT_LE(std::sqrt(error), tolerance * std::sqrt(size) + 1e-12);
  EXPECT_LE(worst, 10 * tolerance * std::sqrt(size / static_cast<double>(got.size())) + 1e-6);
}

template <class L>
void CheckBy(const Arithmetic& arithmetic, L layer, const Shape& shape, Mode mode = Mode::kTraining,
             const char* step = nullptr) {
  // kernels/winograd_test.cc has the reasons. A number of Bfloat16 is off by up to 2^-8 of itself: weights and results.
  const bool bf16 = arithmetic.precision == Precision::kBfloat16;
  const double tolerance = bf16 ? 5e-3 : arithmetic.numerics == Numerics::kDirect ? 2e-6 : 1e-5;
  SCOPED_TRACE(ToString(layer) + " on " + shape.ToString());
  AppliedLayer applied(std::make_shared<const L>(std::move(layer)), shape,
                       {.mode = mode, .threads = 2, .arithmetic = arithmetic, .poison = true});
  Network& net = applied.network();
  if (step != nullptr) {
    EXPECT_EQ(applied.program().Steps()[0].step, step);
  }
  const Tensor<float> x = Normal(shape, 0, arithmetic);
  std::vector<Tensor<float>> w;
  std::vector<TensorView<const float>> views;
  for (std::size_t i = 0; i < net.parameters().size(); i++)
    w.push_back(Normal(net.parameters()[i].value.shape(), i + 1));
  for (const auto& t : w) views.push_back(t);
  for (std::size_t i = 0; i < net.states().size(); i++) {
    for (float& v : net.MutableState(static_cast<int>(i)).values()) v = 0.75f;
  }
  for (std::size_t i = 0; i < w.size(); i++) {
    std::copy(w[i].values().begin(), w[i].values().end(), net.MutableParameter(static_cast<int>(i)).data());
  }
  Reference<double> reference(net);
  const auto want = reference.Forward(Cast<double>(x.view()), mode);
  ExpectNear(applied.Forward(x, views), want, tolerance);
  for (std::size_t i = 0; i < net.states().size(); i++)
    ExpectNear(net.states()[i].value, reference.states()[i], 2e-6);
  if (mode == Mode::kInference) return;
  const Tensor<float> dy = Normal(want.shape(), 99, arithmetic);
  reference.Backward(Cast<double>(dy.view()));
  ExpectNear(applied.Backward(dy), reference.ValueGradient(0), 2 * tolerance);
  for (std::size_t i = 0; i < w.size(); i++) {
    ExpectNear(applied.gradient(static_cast<int>(i)), reference.gradients()[i], 1e-5);
  }
}

constexpr Arithmetic kBf16{.precision = Precision::kBfloat16};

// In single precision, by this step, and on maps of Bfloat16.
template <class L>
void Check(L layer, const Shape& shape, Mode mode = Mode::kTraining, const char* step = nullptr) {
  CheckBy({Numerics::kDirect}, layer, shape, mode, step);
  CheckBy(kBf16, layer, shape, mode);
}

TEST(Apply, ConvMatchesReference) {
  Check(Conv2d({.filters = 20, .padding = PadAll(1)}), {3, 17, 9, 8}, Mode::kTraining, "direct convolution");
  Check(
      Conv2d({.filters = 5, .kernel = {2, 3}, .stride = {2, 1}, .padding = {0, 1, 1, 2}, .dilation = {2, 1}}),
      {2, 3, 9, 8});
  Check(Conv2d({.filters = 6, .groups = 3}), {2, 6, 5, 5}, Mode::kTraining, "reference");
  Check(Conv2d({.filters = 6, .bias = false}), {2, 3, 5, 5}, Mode::kInference, "direct convolution");
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
  CheckBy(kBf16, Conv2d({.filters = 6, .groups = 3}), {2, 6, 5, 5}, Mode::kTraining, "reference");
  // On floats: the kernels of tiles know one group.
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
}

TEST(Apply, ElementwiseMatchesReference) {
  Check(Relu(), {3, 19, 4, 5}, Mode::kTraining, "rectify");
  Check(LeakyRelu({.slope = 0.1}), {3, 19}, Mode::kTraining, "rectify");
  Check(Relu6(), {3, 19}, Mode::kTraining, "rectify");
  Check(Gelu(), {3, 19, 4, 5}, Mode::kTraining, "gelu");
  Check(Flatten(), {3, 19, 4, 5}, Mode::kTraining, "view");
  Check(Softmax(), {7, 12}, Mode::kTraining, "softmax");
  Check(Dropout({.rate = 0.4}), {3, 19, 4, 5}, Mode::kTraining, "dropout");
  Check(Dropout({.rate = 0.4}), {3, 19, 4, 5}, Mode::kInference, "view");
}

// Several hundred geometries a layer, drawn so that edges are common: one pixel, one sample, channels around 16,
// windows as large as the padded map, strides that do not divide.
constexpr int kGeometries = 300;

class Draw {
 public:
  explicit Draw(int index) : random_({17, Purpose::kTest}, static_cast<uint64_t>(index)) {}
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random_.Below(static_cast<uint32_t>(high - low + 1)));
  }
  bool Coin() { return random_.Below(2) == 1; }
  Size2 Sides(int64_t low, int64_t high) { return {Between(low, high), Between(low, high)}; }
  Padding Margins(int64_t most) {
    return {Between(0, most), Between(0, most), Between(0, most), Between(0, most)};
  }
  Shape Map() { return {Between(1, 4), Between(1, 35), Between(1, 11), Between(1, 11)}; }
  Mode AnyMode() { return Between(0, 3) == 0 ? Mode::kInference : Mode::kTraining; }

 private:
  RandomStream random_;
};

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
    Check(LeakyRelu({.slope = 0.1}), x, draw.AnyMode());
    Check(Relu6(), x, draw.AnyMode());
    Check(Gelu({.approximate = draw.Coin() ? "tanh" : "none"}), x, draw.AnyMode());
    Check(Flatten(), x, draw.AnyMode());
    Check(Dropout({.rate = 0.1 * static_cast<double>(draw.Between(0, 9))}), x, draw.AnyMode());
    Check(Softmax(), {x[0], x[1] * x[2]}, draw.AnyMode());
  }
}

// The program of a whole network, poisoned, is held to the reference; returns its steps.
std::vector<StepInfo> CheckNetwork(Network& net, int64_t batch) {
  Program program(net, {.mode = Mode::kTraining, .max_batch = batch, .threads = 2, .poison = true});
  Reference<double> reference(net);
  const Tensor<float> x = Normal(net.InputShape(batch), 0), dy = Normal(net.OutputShape(batch), 1);
  ExpectNear(program.Forward(x), reference.Forward(Cast<double>(x.view()), Mode::kTraining), 4e-6);
  program.Backward(dy);
  reference.Backward(Cast<double>(dy.view()));
  for (std::size_t i = 0; i < net.parameters().size(); i++) {
    SCOPED_TRACE(net.parameters()[i].name);
    ExpectNear(program.gradient(static_cast<int>(i)), reference.gradients()[i], 1e-5);
  }
  return program.Steps();
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

}  // namespace
}  // namespace fovea
