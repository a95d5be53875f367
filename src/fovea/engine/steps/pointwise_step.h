// Layers that take every element by itself; the backward pass makes their slope again from x.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryPointwiseStep(const Site& site);

}  // namespace fovea
