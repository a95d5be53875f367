// GELU; the backward pass makes its gate again from x.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryGeluStep(const Site& site);

}  // namespace fovea
