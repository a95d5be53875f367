// The learning rates of a run, from its configuration.
#pragma once

#include "fovea/network/network.h"
#include "fovea/optim/schedule.h"
#include "fovea/train/config.h"

namespace fovea {

// What the configuration leaves open suits the network and the optimizer. Throws ArgumentError for milestones that
// are not numbers.
Schedule ScheduleFor(const TrainConfig& config, const Network& network, int64_t steps_per_epoch);

}  // namespace fovea
