// Batch normalisation, with the ReLU that follows it when nobody else reads the value between them.
//
// Statistics: mean and centred M2 of each plane while it is in cache, merged up the fixed tree of
// micro-shards by Chan's formula in double.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryBatchNormStep(const Site& site);

}  // namespace fovea
