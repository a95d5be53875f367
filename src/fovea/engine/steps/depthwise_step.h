// Convolution with one filter a channel, at the speed of the memory.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryDepthwiseStep(const Site& site);

}  // namespace fovea
