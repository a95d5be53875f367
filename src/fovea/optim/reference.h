// The update rules as the headers beside this one write them, in double, one value after the other: what the engine's
// are held to, and what float64 arrays get in Python.
#pragma once

#include <cstdint>

#include "fovea/optim/optimizer.h"

namespace fovea {

using ReferenceUpdate = UpdateOf<double>;

void ReferenceSgd(const OptimizerOptions& options, const ReferenceUpdate& update);
void ReferenceAdagrad(const OptimizerOptions& options, const ReferenceUpdate& update);
void ReferenceAdam(const OptimizerOptions& options, const ReferenceUpdate& update);
void ReferenceAdamW(const OptimizerOptions& options, const ReferenceUpdate& update);
void ReferenceRmsProp(const OptimizerOptions& options, const ReferenceUpdate& update);
void ReferenceMuon(const OptimizerOptions& options, const ReferenceUpdate& update);

// optim/orthogonalise.h, of `x` (rows, columns) in place.
void ReferenceOrthogonalise(int64_t rows, int64_t columns, int64_t steps, double* x);

}  // namespace fovea
