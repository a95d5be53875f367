// A loss on the scores of a batch, fast: samples shared among threads, exponentials in vectors.
#pragma once

#include "fovea/base/parallel.h"
#include "fovea/layers/loss.h"

#pragma GCC visibility push(default)
namespace fovea {

// The mean loss, and its gradient in dx when present. With `whole` the rows are a piece of a batch: sum and gradient are divided by
// that, Loss::Weight of the whole batch, the number of its samples unless classes have weights. The softmax cross-entropy and the
// multiclass hinge run by the row kernels, every other loss by its reference. Throws what Loss::RunForward throws.
float RunLoss(ThreadPool& pool, const Loss& loss, TensorView<const float> x, const Targets<float>& targets,
              TensorView<float> dx = {}, double whole = 0);

}  // namespace fovea
#pragma GCC visibility pop
