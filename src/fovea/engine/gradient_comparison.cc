#include "fovea/engine/gradient_comparison.h"

#include <cmath>

#include "fovea/engine/program.h"
#include "fovea/network/reference.h"

namespace fovea {
namespace {

constexpr double kTolerance = 1e-3;

Tensor<float> Draw(const Shape& shape, uint64_t seed, uint64_t index) {
  Tensor<float> t(shape);
  RandomStream stream({seed, Purpose::kGradientCheck}, index);
  for (float& v : t.values()) v = static_cast<float>(stream.Normal());
  return t;
}

GradientRow Compare(const std::string& name, TensorView<const float> got, TensorView<const double> want) {
  double error = 0, size = 0;
  for (int64_t i = 0; i < got.size(); i++) {
    const double e = static_cast<double>(got[i]) - want[i];
    error += e * e, size += want[i] * want[i];
  }
  const double relative = std::sqrt(error / std::max(size, 1e-20));
  return {name, relative, relative <= kTolerance, "engine"};
}

}  // namespace

GradientReport CompareEngineGradients(Network& network, const GradientCheckOptions& options) {
  const CallRandom random{{options.seed, Purpose::kDropout}, {}};
  const Tensor<float> x = Draw(network.InputShape(options.batch), options.seed, 0);
  const Tensor<float> dy = Draw(network.OutputShape(options.batch), options.seed, 1);
  Reference<double> reference(network);
  reference.Forward(Cast<double>(x.view()), Mode::kTraining, random);
  reference.Backward(Cast<double>(dy.view()));
  Program program(network, {.mode = Mode::kTraining, .max_batch = options.batch});
  GradientReport report;
  report.rows.push_back(
      Compare("engine: output", program.Forward(x, random), reference.value(network.ValueCount() - 1)));
  program.Backward(dy);
  for (std::size_t i = 0; i < network.parameters().size(); i++) {
    report.rows.push_back(Compare("engine: " + network.parameters()[i].name,
                                  program.gradient(static_cast<int>(i)), reference.gradients()[i]));
  }
  for (const GradientRow& row : report.rows) report.passed = report.passed && row.passed;
  return report;
}

}  // namespace fovea
