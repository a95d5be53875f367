// The report of a run.
#pragma once

#include <string>

namespace fovea {

// Reads a run folder, finished or not, and writes report.html into it. Throws IoError or FormatError, as
// ReadRunRecord does; an older report is then left as it was.
void WriteReport(const std::string& run_folder);

}  // namespace fovea
