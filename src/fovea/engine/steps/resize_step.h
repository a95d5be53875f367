// Resizing by linear and cubic, whose numbers are weighted sums; nearest is a move.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryResizeStep(const Site& site);

}  // namespace fovea
