// Local response normalisation.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryResponseNormStep(const Site& site);

}  // namespace fovea
