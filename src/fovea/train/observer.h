// What a training run tells its listeners; it prints nothing itself.
#pragma once

#include <string>

#include "fovea/train/run_folder.h"

#pragma GCC visibility push(default)
namespace fovea {

struct RunStart {
  const TrainConfig& config;
  const Model& model;
  int64_t train_images, val_images, steps;  // steps of the whole schedule
  int64_t first_step;                       // above 0 when resumed
  int64_t memory_bytes;                     // that the steps will take
  std::vector<std::string> remarks;         // about the data
};

struct StepEvent {
  int64_t epoch, step, steps;  // epoch counts from 1
  double loss, accuracy;       // of the epoch so far
  double images_per_second;
};

class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void OnStart(const RunStart&) {}
  virtual void OnStep(const StepEvent&) {}
  virtual void OnEpoch(const EpochMetrics&) {}
};

}  // namespace fovea
#pragma GCC visibility pop
