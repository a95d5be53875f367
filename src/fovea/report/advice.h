// What to try next, as it follows from the numbers of a run.
#pragma once

#include <string>
#include <vector>

#include "fovea/report/run_record.h"

namespace fovea {

// One to four paragraphs, the most urgent first. Each names the figures that it follows from:
//   a loss that is not finite; a run that stopped early, or was short; accuracy no better than guessing;
//   training ahead of validation; validation loss rising again; still improving at the end; both low; test
//   below validation; one class far below the others; nothing of these.
std::vector<std::string> Advice(const RunRecord& run);

}  // namespace fovea
