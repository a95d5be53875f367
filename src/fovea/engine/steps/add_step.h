// The residual join.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryAddStep(const Site& site);

}  // namespace fovea
