// For tests: holds the backward pass of a layer to its forward pass by dual numbers.
//
// For random x, w, dy and a random direction (vx, vw), <dy, J (vx, vw)> by one forward pass over Dual must
// equal <dx, vx> + <dw, vw> by the backward pass over double. Every entry of x and w is also checked alone
// when they are few.
#pragma once

#include <vector>

#include "fovea/layers/layer.h"

namespace fovea {

struct LayerCheckOptions {
  Mode mode = Mode::kTraining;
  uint64_t seed = 1;
  // Values are drawn from a normal distribution; with this they are distinct multiples of 1/64, so that no
  // two tie.
  bool distinct = false;
};

// The largest relative error found: |difference| / max(|one|, |other|, 1e-3 * scale of the gradient). dx is
// prefilled with NaN and dw with known values, so a layer that fails to assign dx or to accumulate dw shows a
// NaN or a large error.
double DualGradientError(const Layer& layer, const std::vector<Shape>& x,
                         const LayerCheckOptions& options = {});

}  // namespace fovea
