// The training loop: data, program, optimizer, schedule and checkpoints in one run folder.
#pragma once

#include <atomic>
#include <string>

#include "fovea/train/observer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct TrainOutcome {
  bool stopped = false;  // by the stop flag; the checkpoint says where
  int64_t step = 0;
  double seconds = 0;
  Evaluation test = {};      // when not stopped
  std::string weights = {};  // "best" or "last": which were tested
};

// Trains from the start, or from RUN's last checkpoint when `resume`. Looks at `stop` after every step: when
// it is not 0 the run is saved and ends. Throws DivergedError naming layer and tensor within one step of the
// first value that is not finite, leaving the last checkpoint as it was; and whatever reading or writing
// throws.
TrainOutcome Train(const TrainConfig& config, bool resume, TrainObserver& observer,
                   const std::atomic<int>& stop);

}  // namespace fovea
#pragma GCC visibility pop
