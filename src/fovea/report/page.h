// The page of a run: sections in the order in which somebody asks. What came of it, what was trained, how it
// went, what is mistaken for what, what it looks like inside, what to try next, how to do it again.
#pragma once

#include <string>

#include "fovea/report/run_record.h"

namespace fovea {

// One self-contained page, well-formed as XML too. It loads nothing and holds no script.
std::string RenderPage(const RunRecord& run);

}  // namespace fovea
