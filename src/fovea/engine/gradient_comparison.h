// Holds the engine's float gradients of a whole network to the reference in double.
#pragma once

#include "fovea/network/gradient_check.h"

namespace fovea {

// A row for the output and every parameter: rms error over rms value. Passes within 1e-3: float through tens
// of layers, with batch statistics of few values, keeps about four digits. Where the plain sums of the reference in
// float keep fewer, as of gradients that cancel, ten times their error passes, and the row says so. A value that rounding moves across
// a kink gives another gradient, right for its side: what does not pass is looked at again with other images, and is wrong when
// it is wrong with five.
GradientReport CompareEngineGradients(Network& network, const GradientCheckOptions& options = {});

}  // namespace fovea
