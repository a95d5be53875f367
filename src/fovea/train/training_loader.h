// How a run reads its training images: shuffled, augmented and mixed as its settings say.
#pragma once

#include "fovea/data/loader.h"
#include "fovea/train/config.h"

namespace fovea {

// `workers`: threads that read ahead; any number gives the same batches.
LoaderOptions TrainingLoader(const TrainConfig& config, const Preprocessing& preprocessing, int workers);

}  // namespace fovea
