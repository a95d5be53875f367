// How functions and networks compute; set by fovea.set_threads and fovea.set_numerics.
#pragma once

#include "fovea/engine/program.h"

namespace fovea::python {

struct Settings {
  int threads = 0;  // 0: every processor this process may use
  Arithmetic arithmetic = {};
};

// Safe from several threads.
Settings CurrentSettings();
void ChangeSettings(const Settings& settings);

}  // namespace fovea::python
