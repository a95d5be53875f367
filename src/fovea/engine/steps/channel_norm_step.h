// Layer norms over the channels of each pixel: of turned maps (engine/turned.h), and of features.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryChannelNormStep(const Site& site);

}  // namespace fovea
