// ReLU and leaky ReLU, in place; the backward pass reads the sign of y.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryRectifyStep(const Site& site);

}  // namespace fovea
