#include "fovea/engine/program.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fovea/base/error.h"
#include "fovea/engine/gradient_comparison.h"
#include "fovea/layers/add.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/pad.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/relu6.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

Tensor<float> Normal(const Shape& shape, uint64_t index) {
  Tensor<float> t(shape);
  RandomStream stream({11}, index);
  for (float& v : t.values()) v = static_cast<float>(stream.Normal());
  return t;
}

Tensor<float> Filled(const Shape& shape) {
  Tensor<float> t(shape);
  for (float& v : t.values()) v = 1;
  return t;
}

Network Residual() {
  Network net({3, 8, 7});
  net.Add("stem", Conv2d({.filters = 20, .padding = PadAll(1)}));
  const int a = net.Add("relu0", Relu());
  net.Add("conv1", Conv2d({.filters = 20, .padding = PadAll(1)}));
  net.Add("relu1", Relu());
  const int b = net.Add("conv2", Conv2d({.filters = 20, .padding = PadAll(1)}));
  net.Add("join", Add(), {a, b});
  net.Add("relu2", Relu());
  net.Add("head", Conv2d({.filters = 5, .stride = {2, 2}}));
  net.Initialise(3);
  return net;
}

// Batch norms that end in joins: with a rectifier and without, of a value that is read before and after, of another batch norm,
// and of a value without a gradient.
Network NormalisedJoins() {
  Network net({20, 8, 7});
  const int plain = net.Add("relu0", Relu());
  net.Add("conv0", Conv2d({.filters = 20, .padding = PadAll(1), .bias = false}));
  const int first = net.Add("bn0", BatchNorm());
  net.Add("conv1", Conv2d({.filters = 20, .padding = PadAll(1), .bias = false}));
  const int norm1 = net.Add("bn1", BatchNorm());
  net.Add("join1", Add(), {norm1, first});
  const int block1 = net.Add("relu1", LeakyRelu({.slope = 0.1}));
  net.Add("conv2", Conv2d({.filters = 20, .padding = PadAll(1), .bias = false}));
  const int norm2 = net.Add("bn2", BatchNorm());
  net.Add("shortcut", Conv2d({.filters = 20, .kernel = {1, 1}, .bias = false}), {block1});
  const int norm3 = net.Add("bn3", BatchNorm());
  net.Add("join2", Add(), {norm2, norm3});
  net.Add("relu2", LeakyRelu({.slope = 0.5}));
  const int norm4 = net.Add("bn4", BatchNorm());
  const int join3 = net.Add("join3", Add(), {first, norm4});
  net.Add("join4", Add(), {join3, first});
  net.Add("relu4", LeakyRelu({.slope = 0.5}));
  const int norm5 = net.Add("bn5", BatchNorm());
  net.Add("join5", Add(), {norm5, plain});
  net.Add("relu5", Relu());
  net.Initialise(4);
  return net;
}

// Both forms behind a batch norm, on maps of more than one part.
Network NormalisedGelus() {
  Network net({20, 12, 11});
  net.Add("conv1", Conv2d({.filters = 20, .padding = PadAll(1), .bias = false}));
  net.Add("bn1", BatchNorm());
  net.Add("gelu1", Gelu());
  net.Add("conv2", Conv2d({.filters = 20, .kernel = {1, 1}, .bias = false}));
  net.Add("bn2", BatchNorm({.frozen = true}));
  net.Add("gelu2", Gelu({.approximate = "tanh"}));
  net.Initialise(4);
  return net;
}

// Relative to the largest value: sums of a few hundred float products.
void ExpectClose(TensorView<const float> got, TensorView<const double> want, double tolerance = 1e-5) {
  ASSERT_EQ(got.shape(), want.shape());
  double largest = 1e-30, error = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    largest = std::max(largest, std::abs(want[i]));
    error = std::max(error, std::abs(static_cast<double>(got[i]) - want[i]));
  }
  EXPECT_LE(error, tolerance * largest);
}

void ExpectProgramMatchesReference(Network net, const ProgramOptions& options, int64_t n,
                                   double tolerance = 1e-5) {
  const Tensor<float> x = Normal(net.InputShape(n), 0), dy = Normal(net.OutputShape(n), 1);
  Program program(net, options);
  Reference<double> reference(net);
  const auto y = program.Forward(x);
  ExpectClose(y, reference.Forward(Cast<double>(x.view()), options.mode), tolerance);
  if (options.mode == Mode::kInference) return;
  program.Backward(dy);
  reference.Backward(Cast<double>(dy.view()));
  for (std::size_t i = 0; i < net.parameters().size(); i++) {
    SCOPED_TRACE(net.parameters()[i].name);
    ExpectClose(program.gradient(static_cast<int>(i)), reference.gradients()[i]);
  }
  if (options.input_gradient) ExpectClose(program.InputGradient(), reference.ValueGradient(0));
}

TEST(Program, ABatchNormOfOneValueNamesTheLayer) {
  Network net({3, 1, 1});
  net.Add("bn7", BatchNorm());
  Program program(net, {.mode = Mode::kTraining, .max_batch = 2});
  Reference<double> reference(net);
  const auto named = testing::ThrowsMessage<ShapeError>(testing::HasSubstr("layer bn7"));
  EXPECT_THAT([&] { program.Forward(Normal({1, 3, 1, 1}, 0)); }, named);
  EXPECT_THAT([&] { reference.Forward(Tensor<double>({1, 3, 1, 1}), Mode::kTraining); }, named);
}

TEST(Program, MatchesReference) {
  for (const auto& [network, reference_only] : {std::pair{&Residual, false},
                                                {&Residual, true},
                                                {&NormalisedJoins, false},
                                                {&NormalisedGelus, false}}) {
    for (const int64_t n : {1, 5}) {
      SCOPED_TRACE(network().nodes().front().name + ", images: " + std::to_string(n));
      ProgramOptions options{.mode = Mode::kTraining, .max_batch = 5, .threads = 2};
      options.reference_only = reference_only;
      options.poison = true;
      ExpectProgramMatchesReference(network(), options, n);
      options.input_gradient = true;
      ExpectProgramMatchesReference(network(), options, n);
      options.mode = Mode::kInference;
      options.input_gradient = false;
      ExpectProgramMatchesReference(network(), options, n);
    }
  }
}

TEST(Program, BatchNormsTakeTheGelusBehindThem) {
  Network net = NormalisedGelus();
  const Program program(net, {.mode = Mode::kTraining, .max_batch = 2});
  int gelus = 0;
  for (const StepInfo& step : program.Steps()) gelus += step.step == "batch norm + pointwise";
  EXPECT_EQ(gelus, 2);
}

TEST(Program, BatchNormsTakeTheJoinsBehindThem) {
  Network net = NormalisedJoins();
  const Program program(net, {.mode = Mode::kTraining, .max_batch = 2});
  int joined = 0;
  for (const StepInfo& step : program.Steps()) joined += step.step.starts_with("batch norm + add");
  EXPECT_EQ(joined, 4);  // not that after bn2, whose value waits for bn3
}

// Every way in which a convolution ends, by kernels of every kind, with weights, statistics and slopes of all signs.
Network Endings() {
  Network net({3, 18, 17});
  net.Add("stem", Conv2d({.filters = 20, .stride = {2, 2}, .padding = PadAll(1)}));
  net.Add("bn0", BatchNorm());
  const int a = net.Add("relu0", Relu6());
  net.Add("depthwise", Conv2d({.filters = 20, .padding = PadAll(1), .groups = 20, .bias = false}));
  net.Add("bn1", BatchNorm({.eps = 0.1}));
  net.Add("relu1", LeakyRelu({.slope = 0.3}));
  net.Add("conv2", Conv2d({.filters = 20, .padding = PadAll(1), .bias = false}));
  const int norm2 = net.Add("bn2", BatchNorm());
  net.Add("join2", Add(), {a, norm2});
  const int b = net.Add("relu2", LeakyRelu({.slope = 0.3}));
  net.Add("conv3", Conv2d({.filters = 20, .kernel = {1, 1}}));
  net.Add("join3", Add(), {b + 1, b});
  net.Add("depthwise4", Conv2d({.filters = 20, .stride = {2, 2}, .padding = PadAll(1), .groups = 20}));
  net.Add("relu4", Relu6());
  net.Add("conv5", Conv2d({.filters = 5, .kernel = {1, 1}}));
  net.Add("bn5", BatchNorm());
  net.Initialise(4);
  RandomStream random({6}, 0);
  for (std::size_t i = 0; i < net.parameters().size(); i++) {
    for (float& v : net.MutableParameter(static_cast<int>(i)).values())
      v += static_cast<float>(0.5 * random.Normal());
  }
  for (std::size_t i = 0; i < net.states().size(); i++) {
    for (float& v : net.MutableState(static_cast<int>(i)).values())
      v = static_cast<float>(random.Uniform(0.2, 2));
  }
  return net;
}

TEST(Program, InferenceEndsConvolutionsWithWhatFollows) {
  for (const Arithmetic& arithmetic :
       {Arithmetic{Numerics::kFast}, {Numerics::kDirect}, {Numerics::kFast, Precision::kBfloat16}}) {
    for (const int64_t n : {1, 5}) {
      const ProgramOptions options{.max_batch = 5, .threads = 2, .arithmetic = arithmetic, .poison = true};
      // Numbers of 8 bits in and between six convolutions whose weights are of size one.
      const double tolerance = arithmetic.precision == Precision::kBfloat16 ? 5e-2 : 1e-5;
      ExpectProgramMatchesReference(Endings(), options, n, tolerance);
    }
  }
  Network net = Endings();
  std::vector<std::string> steps;
  for (const StepInfo& step : Program(net, {}).Steps()) steps.push_back(step.nodes);
  EXPECT_THAT(steps, testing::ElementsAre("stem+bn0+relu0", "depthwise+bn1+relu1", "conv2+bn2+join2+relu2",
                                          "conv3+join3", "depthwise4+relu4", "conv5+bn5"));
}

TEST(Program, NewStatisticsAreSeen) {
  Network net = Endings();
  Program program(net, {});
  const Tensor<float> x = Normal(net.InputShape(1), 0);
  const float before = program.Forward(x)[0];
  Program training(net, {.mode = Mode::kTraining, .max_batch = 4});
  training.Forward(Normal(net.InputShape(4), 1));  // moves the running statistics, no weight
  EXPECT_NE(program.Forward(x)[0], before);
}

TEST(Program, InferenceMayLieBetweenThePassesOfATrainingProgram) {
  Network net = NormalisedJoins();
  Program training(net, {.mode = Mode::kTraining, .max_batch = 2, .threads = 1});
  const Tensor<float> x = Normal(net.InputShape(2), 0);
  training.Forward(x);
  Program(net, {.mode = Mode::kInference, .max_batch = 2, .threads = 1}).Forward(x);
  EXPECT_NO_THROW(training.Backward(Normal(net.OutputShape(2), 1)));
}

TEST(Program, GradientsAccumulate) {
  Network net = Residual();
  Program program(net, {.mode = Mode::kTraining, .max_batch = 2, .threads = 1});
  const Tensor<float> x = Normal(net.InputShape(2), 0), dy = Normal(net.OutputShape(2), 1);
  program.Forward(x);
  program.Backward(dy);
  const Tensor<float> once = Cast<float>(TensorView<const float>(program.gradient(0)));
  EXPECT_THROW(program.Backward(dy), ArgumentError);
  program.Forward(x);
  net.MutableParameter(0);
  EXPECT_THROW(program.Backward(dy), ArgumentError);
  program.Forward(x);
  program.Backward(dy);
  // The second pass adds to the first: equal but for the rounding of a running sum.
  double error = 0;
  for (int64_t i = 0; i < once.size(); i++) {
    error = std::max(error, std::abs(static_cast<double>(program.gradient(0)[i]) - 2.0 * once[i]));
  }
  EXPECT_LE(error, 1e-4);
  program.ZeroGradients();
  EXPECT_THAT(program.gradient(0).values(), testing::Each(0.0f));
}

TEST(Program, BackwardEndsBeforeTheFrozenLayers) {
  Network net = Residual();
  const Tensor<float> x = Normal(net.InputShape(2), 0), dy = Normal(net.OutputShape(2), 1);
  const auto gradients = [&](Program& program, const std::vector<bool>& frozen) {
    program.Freeze(frozen);
    program.ZeroGradients();
    program.Forward(x);
    program.Backward(dy);
    std::vector<std::vector<float>> all;
    for (std::size_t i = 0; i < net.parameters().size(); i++) {
      const auto values = program.gradient(static_cast<int>(i)).values();
      all.emplace_back(values.begin(), values.end());
    }
    return all;
  };
  ProgramOptions options{
      .mode = Mode::kTraining, .max_batch = 2, .threads = 2, .profile = true, .poison = true};
  for (const bool input_gradient : {false, true}) {
    options.input_gradient = input_gradient;
    Program program(net, options);
    const auto none = gradients(program, std::vector<bool>(8));
    // Weight and bias of stem and conv1: conv1 lies between the stem and what learns.
    const auto two = gradients(program, {true, true, true, true, false, false, false, false});
    for (std::size_t i = 4; i < 8; i++) EXPECT_EQ(two[i], none[i]) << i;
    EXPECT_EQ(gradients(program, std::vector<bool>(8)), none);
    Program stopped(net, options);
    gradients(stopped, {true, true, true, true, false, false, false, false});
    for (const StepInfo& step : stopped.Steps()) {
      const bool before =
          step.nodes == "stem" || step.nodes == "relu0" || step.nodes == "conv1" || step.nodes == "relu1";
      EXPECT_EQ(step.backward_seconds == 0, before && !input_gradient) << step.nodes;
    }
  }
}

TEST(Program, InferenceReusesMemory) {
  Network net({16, 16, 16});
  for (int i = 0; i < 12; i++) {
    net.Add("conv" + std::to_string(i), Conv2d({.filters = 16, .kernel = {1, 1}}));
    net.Add("relu" + std::to_string(i), Relu());
  }
  Program inference(net, {.max_batch = 4, .threads = 1});
  Program training(net, {.mode = Mode::kTraining, .max_batch = 4, .threads = 1});
  EXPECT_LT(3 * inference.ArenaBytes(), training.ArenaBytes());
}

TEST(Program, NewWeightsAreSeen) {
  Network net = Residual();
  Program program(net, {.max_batch = 1, .threads = 1});
  const Tensor<float> x = Normal(net.InputShape(1), 0);
  const float before = program.Forward(x)[0];
  for (float& v : net.MutableParameter(0).values()) v *= 2;
  EXPECT_NE(program.Forward(x)[0], before);
}

TEST(Program, NamesTheLayerThatIsNotFinite) {
  Network net = Residual();
  Program program(net, {.mode = Mode::kTraining, .max_batch = 1, .threads = 1});
  const Tensor<float> x = Normal(net.InputShape(1), 0);
  EXPECT_EQ(program.FindNonFinite(x), "");
  net.MutableParameter(2)[0] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(program.FindNonFinite(x), testing::HasSubstr("conv1"));
}

TEST(Program, RefusesWrongShapes) {
  Network net = Residual();
  Program program(net, {.mode = Mode::kTraining, .max_batch = 2, .threads = 1});
  EXPECT_THROW(program.Forward(Tensor<float>({3, 3, 8, 7})), ShapeError);
  EXPECT_THROW(program.Forward(Tensor<float>({1, 3, 8, 8})), ShapeError);
  program.Forward(Tensor<float>({1, 3, 8, 7}));
  EXPECT_THROW(program.Backward(Tensor<float>({2, 5, 3, 3})), ShapeError);
  EXPECT_THROW(program.Forward(Tensor<float>({3, 3, 8, 7})), ShapeError);
  EXPECT_THROW(program.Backward(Tensor<float>({3, 5, 3, 3})), ShapeError);
  EXPECT_THROW(Program(net, {.max_batch = 0}), ArgumentError);
}

// By dropout's reference and its step: the mask of the backward pass is that of the forward pass.
TEST(Program, BackwardDrawsForTheSamplesOfForward) {
  Network net({16, 8, 8});
  net.Add("dropout", Dropout());
  const Tensor<float> ones = Filled({2, 16, 8, 8});
  for (const bool reference_only : {false, true}) {
    Program program(
        net,
        {.mode = Mode::kTraining, .max_batch = 2, .input_gradient = true, .reference_only = reference_only});
    std::vector<int64_t> samples{7, 100};
    const auto y = program.Forward(ones, {{3, Purpose::kDropout}, samples});
    samples.assign({1, 2});
    program.Backward(ones);
    EXPECT_THAT(program.InputGradient().values(), testing::ElementsAreArray(y.values()));
  }
  Reference<double> reference(net);
  std::vector<int64_t> samples{7, 100};
  reference.Forward(Cast<double>(ones.view()), Mode::kTraining, {{3, Purpose::kDropout}, samples});
  samples.assign({1, 2});
  reference.Backward(Cast<double>(ones.view()));
  EXPECT_THAT(reference.ValueGradient(0).values(), testing::ElementsAreArray(reference.value(1).values()));
}

// Biases before batch norms have gradients that cancel, and rectifiers have kinks that rounding crosses.
TEST(GradientComparison, RoundingIsNoWrongGradient) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    Network net({3, 16, 16});
    for (const char* name : {"1", "2", "3"}) {
      net.Add(fmt::format("conv{}", name), Conv2d({.filters = 16, .padding = PadAll(1)}));
      net.Add(fmt::format("bn{}", name), BatchNorm());
      net.Add(fmt::format("relu{}", name), Relu());
    }
    net.Initialise(seed);
    const GradientReport report = CompareEngineGradients(net, {.seed = seed});
    EXPECT_TRUE(report.passed) << seed;
    EXPECT_THAT(report.rows[2].tensor, testing::HasSubstr("conv1.bias"));
    EXPECT_THAT(report.rows[2].remark, testing::HasSubstr("plain sums in float"));
  }
}

TEST(Program, RefusesValuesThatNoMachineHolds) {
  Network net({3, 8, 8});
  net.Add("pad", Pad({.padding = PadAll(1 << 21)}));
  EXPECT_THROW(Program(net, {}), std::bad_alloc);
}

TEST(Program, CountsProductsAndBytesOfEveryStep) {
  Network net({16, 4, 4});
  net.Add("pool", MaxPool2d());
  net.Add("flatten", Flatten());
  net.Add("fc", Linear({.features = 10}));
  const int64_t n = 3, x = 16 * 4 * 4 * 4, y = x / 4, places = y / 4, scores = 16 * 4, w = 4 * (64 * 10 + 10);
  ProgramOptions options{.mode = Mode::kTraining, .max_batch = n};
  for (const bool input : {true, false}) {
    options.input_gradient = input;
    const std::vector<StepInfo> steps = Program(net, options).Steps();
    EXPECT_EQ(steps[0].forward_bytes, n * (x + y + places));
    EXPECT_EQ(steps[0].backward_bytes, input ? n * (y + places + x) : 0);
    EXPECT_EQ(steps[1].forward_bytes + steps[1].backward_bytes, 0);
    EXPECT_EQ(steps[2].forward_bytes, n * (y + scores) + w);
    // dy, x and perhaps dx; a gradient is read and written; the weights for dx.
    EXPECT_EQ(steps[2].backward_bytes, input ? n * (scores + 2 * y) + 3 * w : n * (scores + y) + 2 * w);
    EXPECT_EQ(steps[2].backward_multiply_adds, (input ? 2 : 1) * steps[2].multiply_adds);
  }
  EXPECT_EQ(Program(net, {.max_batch = n}).Steps()[2].backward_bytes, 0);
}

}  // namespace
}  // namespace fovea
