#include "fovea/report/run_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "fovea/report/numbers.h"

namespace fovea {

bool IsFinite(const std::optional<double>& value) { return value && std::isfinite(*value); }

std::optional<TestCount> TestResult(const RunRecord& run) {
  const auto correct = run.ResultCount("test_correct"), total = run.ResultCount("test_total");
  if (!correct || !total || *total < 1 || *correct > *total) return std::nullopt;
  return TestCount{*correct, *total};
}

std::string RunName(const RunRecord& run) {
  const std::string network = run.Config("network"), data = run.Config("data");
  if (network.empty() || data.empty()) return "A training run";
  return fmt::format("{} on {}", network, data.substr(0, data.find(':')));
}

double LastSeconds(const RunRecord& run) {
  return run.metrics.empty() ? std::nan("") : run.metrics.back().seconds.value_or(std::nan(""));
}

std::optional<double> MedianRate(const RunRecord& run) {
  std::vector<double> rates;
  for (const MetricsRow& row : run.metrics) {
    if (row.images_per_second && std::isfinite(*row.images_per_second))
      rates.push_back(*row.images_per_second);
  }
  if (rates.empty()) return std::nullopt;
  std::sort(rates.begin(), rates.end());
  return rates[rates.size() / 2];
}

double LastEpoch(const RunRecord& run) {
  if (run.metrics.empty()) return 0;
  const auto lines = static_cast<double>(run.metrics.size());
  const double epoch = run.metrics.back().epoch.value_or(lines);
  return epoch >= 0 && epoch < 1e9 ? epoch : lines;
}

std::string Status(const RunRecord& run) {
  if (run.metrics.empty()) return "No epoch has finished yet.";
  const double done = LastEpoch(run);
  if (FirstNotFinite(run)) return fmt::format("Diverged in epoch {}.", Short(done));
  const auto planned = PlannedEpochs(run);
  if (planned && done < static_cast<double>(*planned)) {
    return fmt::format("Stopped after {} of {}.", Short(done), Plural(*planned, "epoch"));
  }
  return fmt::format("Finished after {}.", Plural(static_cast<int64_t>(done), "epoch"));
}

std::optional<std::size_t> BestEpoch(const RunRecord& run) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < run.metrics.size(); ++i) {
    const auto& accuracy = run.metrics[i].val_acc;
    if (IsFinite(accuracy) && (!best || *accuracy > *run.metrics[*best].val_acc)) best = i;
  }
  return best;
}

std::optional<std::size_t> FirstNotFinite(const RunRecord& run) {
  for (std::size_t i = 0; i < run.metrics.size(); ++i) {
    for (const auto& loss : {run.metrics[i].train_loss, run.metrics[i].val_loss}) {
      if (loss && !std::isfinite(*loss)) return i;
    }
  }
  return std::nullopt;
}

std::optional<int64_t> PlannedEpochs(const RunRecord& run) {
  const std::string text = run.Config("epochs");
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || value < 1 || value > 1000000000) return std::nullopt;
  return value;
}

}  // namespace fovea
