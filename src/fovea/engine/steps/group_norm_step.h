// Group and instance normalisation of blocked maps, and layer normalisation of whole maps without parameters, with the rectifier
// behind it. Statistics of each plane while it is in cache, merged channel by channel in double.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryGroupNormStep(const Site& site);

}  // namespace fovea
