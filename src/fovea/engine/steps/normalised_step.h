// A batch norm, and the rectifier behind it, read by one convolution or pooling alone: in training the normalised map is never
// stored, its reader makes it as it reads (StepNeeds::normalises). docs/decisions/0008-norm-in-convolution.md.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryNormalisedStep(const Site& site);

}  // namespace fovea
