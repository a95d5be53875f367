// Element-wise arithmetic of two maps, of a map and one value a channel of each image (a gate), or of a map and a constant operand;
// PReLU, whose slopes are such an operand.
#pragma once

#include "fovea/engine/steps.h"

namespace fovea {

StepChoice TryBinaryStep(const Site& site);

// Whether it serves the layer on inputs of these shapes that are turned: two alike, or one and an operand of one number, or one a channel.
bool ServesTurned(const Layer& layer, std::span<const Shape> x);

}  // namespace fovea
