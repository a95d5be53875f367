// Batch normalisation, with the sum of two values and the rectifier that follow it when nobody else reads the values between
// them. A joined value is the step's first input.
//
// Statistics: mean and centred M2 of each plane while it is in cache, merged up the fixed tree of
// micro-shards by Chan's formula in double.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryBatchNormStep(const Site& site);

}  // namespace fovea
