// Batch normalisation, with the sum of two values and the rectifier that follow it when nobody else reads the values between
// them. A joined value is the step's first input.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryBatchNormStep(const Site& site);

}  // namespace fovea
