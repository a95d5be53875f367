#include "fovea/engine/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "fovea/base/error.h"
#include "fovea/engine/program.h"

namespace fovea {
namespace {

constexpr int kExamples = 2;
constexpr uint64_t kSeed = 20140204;  // of no meaning: the inputs are kept with the answers

Program ReplayProgram(Network& network) { return {network, {.arithmetic = {Numerics::kDirect}}}; }

void Require(const char* what, const Shape& got, const Shape& wanted) {
  if (got == wanted) return;
  throw ShapeError(fmt::format("the {} of an example is {}, the network's is {}", what, got.ToString(),
                               wanted.ToString()));
}

bool IsFinite(TensorView<const float> answer) {
  return std::ranges::all_of(answer.values(), [](float v) { return std::isfinite(v); });
}

double Difference(TensorView<const float> got, TensorView<const float> kept) {
  double largest = 0, apart = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    const double d = std::abs(static_cast<double>(got[i]) - kept[i]);
    if (std::isnan(d)) return std::numeric_limits<double>::infinity();
    apart = std::max(apart, d), largest = std::max(largest, std::abs(static_cast<double>(kept[i])));
  }
  return apart > 0 ? apart / std::max(largest, 1e-30) : 0;
}

}  // namespace

std::vector<Example> MakeExamples(Network& network) {
  Program program = ReplayProgram(network);
  std::vector<Example> examples;
  for (int i = 0; i < kExamples; i++) {
    Tensor<float> x(network.InputShape(1));
    RandomStream stream({kSeed, Purpose::kExample}, static_cast<uint64_t>(i));
    for (float& v : x.values()) v = static_cast<float>(stream.Normal());
    Tensor<float> y = Cast<float>(program.Forward(x));
    if (!IsFinite(y)) return {};
    examples.push_back({std::move(x), std::move(y)});
  }
  return examples;
}

Replay ReplayExamples(Network& network, std::span<const Example> examples) {
  Program program = ReplayProgram(network);
  Replay replay;
  for (const Example& example : examples) {
    Require("input", example.x.shape(), network.InputShape(1));
    Require("output", example.y.shape(), network.OutputShape(1));
    const auto y = program.Forward(example.x);
    replay.finite = replay.finite && IsFinite(y);
    const auto bytes = static_cast<std::size_t>(y.size()) * sizeof(float);
    if (std::memcmp(y.data(), example.y.data(), bytes) == 0) continue;
    replay.same_bits = false;
    replay.difference = std::max(replay.difference, Difference(y, example.y));
  }
  return replay;
}

void RefreshExamples(Model& model) {
  const auto fits = [&](const Example& e) {
    return e.x.shape() == model.network.InputShape(1) && e.y.shape() == model.network.OutputShape(1);
  };
  const bool holds = !model.examples.empty() &&
                     std::all_of(model.examples.begin(), model.examples.end(), fits) &&
                     ReplayExamples(model.network, model.examples).difference <= kReplayRounding;
  if (!holds) model.examples = MakeExamples(model.network);
}

}  // namespace fovea
