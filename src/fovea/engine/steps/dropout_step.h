// Dropout: what is kept is drawn once, as the reference draws it, and saved as bytes for the backward pass.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryDropoutStep(const Site& site);

}  // namespace fovea
