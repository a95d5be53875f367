// The affine map; reads a flattened map as it lies, since the packed weights follow its storage.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryLinearStep(const Site& site);

}  // namespace fovea
