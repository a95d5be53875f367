// A loss on the scores of a batch, fast: samples shared among threads, exponentials in vectors.
#pragma once

#include "fovea/base/parallel.h"
#include "fovea/layers/loss.h"

namespace fovea {

// The mean loss, and its gradient in dx when present. With `batch` the rows are a piece of a batch of so many: sum
// and gradient are divided by that. The softmax cross-entropy and the multiclass hinge run by the row kernels, every
// other loss by its reference. Throws what Loss::RunForward throws.
float RunLoss(ThreadPool& pool, const Loss& loss, TensorView<const float> x, Labels labels,
              TensorView<float> dx = {}, int64_t batch = 0);

}  // namespace fovea
