#include "fovea/engine/recomputation.h"

#include <gtest/gtest.h>

#include <cstring>

#include "fovea/engine/program.h"
#include "fovea/engine/schedule.h"
#include "fovea/layers/add.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/concat.h"
#include "fovea/layers/conv2d.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"
#include "fovea/layers/gelu.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/linear.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/relu.h"
#include "fovea/network/architectures.h"

namespace fovea {
namespace {

Conv2d Convolution(int64_t filters, int64_t stride = 1) {
  return Conv2d({.filters = filters, .stride = {stride, stride}, .padding = PadAll(1), .bias = false});
}

// conv, batch norm, ReLU, conv, batch norm, the join with what came in, ReLU; dropout where it is above 0.
int AddBlock(Network& net, const std::string& name, int x, double dropout) {
  net.Add(name + ".conv1", Convolution(20), {x});
  net.Add(name + ".bn1", BatchNorm());
  int value = net.Add(name + ".relu1", Relu());
  if (dropout > 0) value = net.Add(name + ".dropout", Dropout({.rate = dropout}));
  net.Add(name + ".conv2", Convolution(20), {value});
  const int norm = net.Add(name + ".bn2", BatchNorm());
  net.Add(name + ".join", Add(), {x, norm});
  return net.Add(name + ".relu2", LeakyRelu({.slope = 0.1}));
}

// Every kind of value that can be made again, in residual blocks of every kind.
Network Everything() {
  Network net({3, 9, 8});
  net.Add("stem", Convolution(20));
  net.Add("stem.bn", BatchNorm());
  int x = net.Add("stem.relu", Relu());
  for (const double dropout : {0.0, 0.3, 0.0})
    x = AddBlock(net, "block" + std::to_string(net.ValueCount()), x, dropout);
  net.Add("narrow", Convolution(20, 2), {x});
  const int norm = net.Add("narrow.bn", BatchNorm());
  net.Add("shortcut", Conv2d({.filters = 20, .kernel = {1, 1}, .stride = {2, 2}}), {x});
  const int shortcut = net.Add("shortcut.bn", BatchNorm());
  net.Add("narrow.join", Add(), {norm, shortcut});
  x = net.Add("narrow.relu", Relu());
  const int gelu = net.Add("gelu", Gelu());
  net.Add("smooth", Convolution(20));
  net.Add("smooth.bn", BatchNorm());
  net.Add("smooth.gelu", Gelu());
  net.Add("wide", Convolution(20));
  const int wide = net.Add("wide.bn", BatchNorm());
  net.Add("concat", Concat(), {gelu, wide, x});
  net.Add("mix", Convolution(20));
  net.Add("mix.bn", BatchNorm());
  net.Add("mix.pool", MaxPool2d({.kernel = {2, 2}, .stride = {2, 2}}));
  net.Add("mix.gelu", Gelu());
  net.Add("flatten", Flatten());
  net.Add("dropout", Dropout({.rate = 0.5}));
  net.Add("fc", Linear({.features = 7}));
  net.Add("fc.relu", Relu());
  net.Initialise(3);
  return net;
}

using Gradients = std::vector<std::vector<float>>;

Gradients GradientsOf(Network net, const ProgramOptions& options, int64_t n,
                      const std::vector<bool>& frozen) {
  Program program(net, options);
  if (!frozen.empty()) program.Freeze(frozen);
  RandomStream random({5}, 0);
  Tensor<float> x(net.InputShape(n)), dy(net.OutputShape(n));
  for (Tensor<float>* t : {&x, &dy}) {
    for (float& v : t->values()) v = static_cast<float>(random.Normal());
  }
  std::vector<int64_t> samples(static_cast<std::size_t>(n), 7);
  Gradients all;
  for (int pass = 0; pass < 2; pass++) {
    program.Forward(x, {{9, Purpose::kDropout, 0}, samples});
    program.Backward(dy);
  }
  for (std::size_t i = 0; i < net.parameters().size(); i++) {
    if (!frozen.empty() && frozen[i]) continue;
    const auto values = program.gradient(static_cast<int>(i)).values();
    all.emplace_back(values.begin(), values.end());
  }
  if (options.input_gradient) {
    const auto values = program.InputGradient().values();
    all.emplace_back(values.begin(), values.end());
  }
  return all;
}

bool SameBits(const Gradients& a, const Gradients& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); i++) {
    if (a[i].size() != b[i].size() || std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0)
      return false;
  }
  return true;
}

// With dead buffers poisoned, so that a value read before it is made again shows.
void ExpectSameBitsInLessMemory(const Network& net, int64_t batch, const std::vector<bool>& frozen = {}) {
  for (const int64_t n : {int64_t{1}, batch}) {
    for (const bool input_gradient : {false, true}) {
      ProgramOptions options{.mode = Mode::kTraining, .max_batch = batch, .threads = 2};
      options.input_gradient = input_gradient;
      const Gradients normal = GradientsOf(net, options, n, frozen);
      options.memory = Memory::kLow, options.poison = true;
      EXPECT_TRUE(SameBits(GradientsOf(net, options, n, frozen), normal)) << n << " images";
    }
  }
}

TEST(Recomputation, GivesTheSameBits) {
  ExpectSameBitsInLessMemory(Everything(), 5);
  for (const char* name : {"resnet20", "mobilenet_v2"}) {
    SCOPED_TRACE(name);
    ExpectSameBitsInLessMemory(BuildNetwork(name, {3, 16, 16}, 10), 2);
  }
}

// Of networks with joins and convolutions of one tap; of a plain chain of larger ones nothing is kept anyway that could be made again.
TEST(Recomputation, TakesASixthOfTheMemoryAway) {
  for (const char* name : {"resnet18", "resnet50", "mobilenet_v2"}) {
    Network net = BuildNetwork(name, {3, 64, 64}, 10);
    ProgramOptions options{.mode = Mode::kTraining, .max_batch = 64, .threads = 1};
    const int64_t normal = Program(net, options).ArenaBytes();
    options.memory = Memory::kLow;
    EXPECT_LT(6 * Program(net, options).ArenaBytes(), 5 * normal) << name;
  }
}

// A chain of residual joins: buffer 0 is the input, then come, in turn, what a convolution writes and a join with the value before.
TEST(Recomputation, KeepsEveryOtherJoinOfAChain) {
  std::vector<ScheduledStep> steps(8);
  std::vector<ValueBuffer> buffers{{{}, {}, {0}}};
  for (std::size_t i = 0; i < steps.size(); i += 2) {
    steps[i].has_backward = steps[i + 1].has_backward = steps[i + 1].needs.remakes = true;
    const int before = static_cast<int>(i);
    buffers.push_back({{i}, {before}, {i + 1}});
    buffers.push_back({{i + 1}, {before, before + 1}, {i + 1, i + 2}});
  }
  EXPECT_EQ(ChooseRemade(steps, buffers),
            (std::vector<bool>{false, false, true, false, false, false, true, false, false}));
}

// A program that learns the last layers alone runs some readers of a value and not others.
TEST(Recomputation, GivesTheSameBitsWhenLayersAreFrozen) {
  const Network net = Everything();
  for (std::size_t first : {4U, 9U, 16U, 20U}) {
    std::vector<bool> frozen(net.parameters().size());
    for (std::size_t i = 0; i < first; i++) frozen[i] = true;
    ExpectSameBitsInLessMemory(net, 5, frozen);
  }
}

}  // namespace
}  // namespace fovea
