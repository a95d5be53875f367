// Shows a training run: one live line on a terminal, a line an epoch otherwise.
#pragma once

#include "fovea/train/observer.h"

namespace fovea {

class Progress final : public TrainObserver {
 public:
  Progress();
  void OnStart(const RunStart& start) override;
  void OnStep(const StepEvent& event) override;
  void OnEpoch(const EpochMetrics& metrics) override;

 private:
  const bool terminal_;
  int64_t epochs_ = 0, images_of_epoch_ = 0;
  double shown_ = -1;  // seconds at the last live line
};

}  // namespace fovea
