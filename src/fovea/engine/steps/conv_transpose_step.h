// A transposed convolution by the kernels of the convolution that it transposes (kernels/conv.h): forward by its backward-data,
// backward-data by its forward, the weight gradient with both maps exchanged.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryConvTransposeStep(const Site& site);

}  // namespace fovea
