// What follows from a run record at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fovea/report/run_record.h"

namespace fovea {

struct TestCount {
  int64_t correct = 0, total = 0;
  double fraction() const { return static_cast<double>(correct) / static_cast<double>(total); }
};

// Whether there is a value, neither NaN nor infinite.
bool IsFinite(const std::optional<double>& value);

// "resnet20 on cifar10".
std::string RunName(const RunRecord& run);

// "Finished after 3 epochs."
std::string Status(const RunRecord& run);

// Nothing before the test split has been read, or where result.json contradicts itself.
std::optional<TestCount> TestResult(const RunRecord& run);

// The line of metrics with the highest finite validation accuracy, the first of equals.
std::optional<std::size_t> BestEpoch(const RunRecord& run);

// The first line of metrics whose training or validation loss is NaN or infinite.
std::optional<std::size_t> FirstNotFinite(const RunRecord& run);

// How many epochs the configuration asks for, where it says so.
std::optional<int64_t> PlannedEpochs(const RunRecord& run);

// The number of the last epoch in metrics, 0 before the first.
double LastEpoch(const RunRecord& run);

// Seconds of training at the last line of metrics; NaN where it does not say.
double LastSeconds(const RunRecord& run);

// The median over the lines of metrics, so that one disturbed epoch does not count.
std::optional<double> MedianRate(const RunRecord& run);

}  // namespace fovea
