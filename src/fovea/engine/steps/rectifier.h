// The rectifier that a layer is, for the kernels.
#pragma once

#include <optional>

#include "fovea/kernels/isa/plane.h"
#include "fovea/layers/layer.h"

namespace fovea {

// Of ReLU, ReLU6 and leaky ReLU with a slope above 0 (the sign of y must tell that of x); none for another layer or
// null.
std::optional<Rectifier> RectifierOf(const Layer* layer);

}  // namespace fovea
