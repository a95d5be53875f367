// Holds the engine's float gradients of a whole network to the reference in double.
#pragma once

#include "fovea/network/gradient_check.h"

namespace fovea {

// A row for the output and every parameter: rms error over rms value. Passes within 1e-3: float through tens
// of layers, with batch statistics of few values, keeps about four digits.
GradientReport CompareEngineGradients(Network& network, const GradientCheckOptions& options = {});

}  // namespace fovea
