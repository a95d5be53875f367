// Convolution by the kernels; the image layout where the network's input is read. docs/decisions/ has the layouts.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryConvStep(const Site& site);

}  // namespace fovea
