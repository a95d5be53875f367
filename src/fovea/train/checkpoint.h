// Where a run stands, with everything that its continuation needs to give the same bits: the model, the
// optimizer's tensors, the position and the sums of the current epoch. No clock, no path: equal runs write
// equal bytes.
#pragma once

#include <string>
#include <vector>

#include "fovea/network/model.h"
#include "fovea/train/updater.h"

namespace fovea {

struct Position {
  int64_t epoch = 0;                // epochs completed
  int64_t batch = 0;                // batches done of the next epoch
  int64_t step = 0;                 // steps in all
  double loss_sum = 0;              // over the images of the next epoch so far
  int64_t correct = 0, images = 0;  // likewise
  double best_accuracy = -1;        // on the validation images; below 0: none yet
};

struct Checkpoint {
  Model model;
  NamedTensors updater;
  Position position;
};

void SaveCheckpoint(const std::string& path, const Model& model, const NamedTensors& updater,
                    const Position& position);

// Throws as LoadModel does, and FormatError for a model without a position.
Checkpoint LoadCheckpoint(const std::string& path);

}  // namespace fovea
