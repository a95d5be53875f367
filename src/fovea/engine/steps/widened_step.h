// The steps that know only maps of floats, on maps of Bfloat16.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

// `choice`, which serves site.Widened(), on the maps of `site`: every run widens what it reads and rounds what it gives.
// As it is where all are floats.
StepChoice Widen(const Site& site, StepChoice choice);

}  // namespace fovea
