// A flatten costs nothing: the features keep the storage of their map.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryViewStep(const Site& site);

}  // namespace fovea
