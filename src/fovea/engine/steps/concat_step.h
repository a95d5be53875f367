// Inputs joined along the channels: whole planes are copied, others lane by lane.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryConcatStep(const Site& site);

}  // namespace fovea
