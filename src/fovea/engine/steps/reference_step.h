// Runs a layer's reference code over float, on plain copies of its values: what serves a layer that has no
// fast step.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryReferenceStep(const Site& site);

}  // namespace fovea
