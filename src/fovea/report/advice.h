// What to try next, as it follows from the numbers of a run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/report/run_record.h"

namespace fovea {

// The epoch with the highest finite validation accuracy (the first of equals): an index into metrics.
std::optional<std::size_t> BestEpoch(const RunRecord& run);

// The first line of metrics whose training or validation loss is NaN or infinite.
std::optional<std::size_t> FirstNotFinite(const RunRecord& run);

// How many epochs the configuration asks for, where it says so.
std::optional<int64_t> PlannedEpochs(const RunRecord& run);

// One to four paragraphs, the most urgent first. Each names the figures that it follows from:
//   a loss that is not finite; a run that stopped early; accuracy no better than guessing; training ahead of
//   validation; validation loss rising again; still improving at the end; both low; test below validation;
//   one class far below the others; nothing of these.
std::vector<std::string> Advice(const RunRecord& run);

}  // namespace fovea
