// Softmax of features, and its logarithm, by the row kernels, one task a few samples.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TrySoftmaxStep(const Site& site);

}  // namespace fovea
