// Max, average and global average pooling of blocked maps. Max pooling keeps the place of each maximum, a
// byte a value.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryPoolStep(const Site& site);

}  // namespace fovea
