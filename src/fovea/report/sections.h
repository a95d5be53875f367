// The sections of a report, in the order of the page. Each writes nothing, or says what is missing, where the
// run has no data for it.
#pragma once

#include <string>

#include "fovea/report/markup.h"
#include "fovea/report/run_record.h"

namespace fovea {

// The title of a section and a sentence that says how to read it.
void WriteHeading(const std::string& title, const std::string& lead, Markup& out);

// headline.cc: the result in plain words; what was trained.
void WriteHeadline(const RunRecord& run, Markup& out);
void WriteConfiguration(const RunRecord& run, Markup& out);

// curves.cc: loss, accuracy, learning rate and speed, as charts and as a table.
void WriteCurves(const RunRecord& run, Markup& out);

// mistakes.cc: the confusion matrix, its largest entries in words, the accuracy of each class.
void WriteMistakes(const RunRecord& run, Markup& out);

// examples.cc: predictions and filters.
void WriteSamples(const RunRecord& run, Markup& out);
void WriteFilters(const RunRecord& run, Markup& out);

// outlook.cc: what to try next; the commands that repeat the run and go on with it.
void WriteAdvice(const RunRecord& run, Markup& out);
void WriteCommands(const RunRecord& run, Markup& out);

}  // namespace fovea
