// Axes of a tensor by number: 0 is the batch, 1 the channels, negative numbers count from the end.
#pragma once

#include <vector>

#include "fovea/tensor/shape.h"

namespace fovea {

// The axis as a number from 1 on. Throws ShapeError when `x` has no such axis, or it is the batch: "axis 0 is the batch,
// which no layer cuts, moves or joins".
int AxisBehindBatch(int64_t axis, const Shape& x);

// The same for a list of axes that must differ.
std::vector<int> AxesBehindBatch(const std::vector<int64_t>& axes, const Shape& x);

}  // namespace fovea
