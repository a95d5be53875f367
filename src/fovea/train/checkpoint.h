// Where a run stands, with everything that its continuation needs to give the same bits: the model, the
// optimizer's velocities, the position and the sums of the current epoch. No clock, no path: equal runs write
// equal bytes.
#pragma once

#include <string>
#include <vector>

#include "fovea/network/model.h"

namespace fovea {

struct Position {
  int64_t epoch = 0;                // epochs completed
  int64_t batch = 0;                // batches done of the next epoch
  int64_t step = 0;                 // steps in all
  double loss_sum = 0;              // over the images of the next epoch so far
  int64_t correct = 0, images = 0;  // likewise
  double best_accuracy = -1;        // on the validation images; below 0: none yet
};

void SaveCheckpoint(const std::string& path, const Model& model, const std::vector<Tensor<float>>& velocities,
                    const Position& position);

// Fills velocities, one for each parameter. Throws as LoadModel does.
Model LoadCheckpoint(const std::string& path, std::vector<Tensor<float>>& velocities, Position& position);

}  // namespace fovea
