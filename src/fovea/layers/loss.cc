#include "fovea/layers/loss.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

void Loss::CheckLabels(const Shape& x, Labels labels) const {
  if (Takes() == TargetKind::kValues)
    throw ArgumentError(fmt::format("{}: takes a target for every prediction, got labels", Type()));
  if (x.rank() != 2 || x[0] < 1 || x[0] != static_cast<int64_t>(labels.size())) {
    throw ShapeError(fmt::format("{}: needs scores (N, K) and N labels, got {} and {} labels", Type(),
                                 x.ToString(), labels.size()));
  }
  for (std::size_t n = 0; n < labels.size(); n++) {
    if (labels[n] < 0 || labels[n] >= x[1]) {
      throw ArgumentError(
          fmt::format("{}: label {} of sample {} is outside the {} classes", Type(), labels[n], n, x[1]));
    }
  }
  CheckWeights("class_weights", ClassWeights(), x[1]);
}

void Loss::CheckValues(const Shape& x, const Shape& values) const {
  if (Takes() == TargetKind::kLabels)
    throw ArgumentError(
        fmt::format("{}: takes one label a sample, got a tensor {}", Type(), values.ToString()));
  const bool classes = Takes() == TargetKind::kClasses;
  if (x.rank() < 1 || (classes && x.rank() != 2) || x.Size() < 1 || x != values) {
    throw ShapeError(fmt::format("{}: needs {} and targets of the same shape, got {} and {}", Type(),
                                 classes ? "scores (N, K)" : "predictions (N, ...)", x.ToString(),
                                 values.ToString()));
  }
  if (classes) CheckWeights("class_weights", ClassWeights(), x[1]);
}

void Loss::CheckWeights(std::string_view name, std::span<const double> weights, int64_t classes) const {
  if (weights.empty() || static_cast<int64_t>(weights.size()) == classes) return;
  throw ArgumentError(fmt::format("{}: {} has {} numbers for {} classes; give one for each", Type(), name,
                                  weights.size(), classes));
}

double Loss::SumOfWeights(Labels labels) const {
  const std::span<const double> weights = ClassWeights();
  if (weights.empty()) return static_cast<double>(labels.size());
  double sum = 0;
  for (const int32_t label : labels) sum += weights[static_cast<std::size_t>(label)];
  return sum;
}

}  // namespace fovea
