// How each parameter of a network learns: as the run says, unless a group that it belongs to says otherwise.
#pragma once

#include <vector>

#include "fovea/network/network.h"
#include "fovea/train/config.h"

namespace fovea {

struct ParameterRule {
  OptimizerOptions optimizer;
  Schedule schedule;
  int64_t steps = 0;  // it learns in so many first steps; 0: frozen

  // Of step number `t`, from 1.
  bool LearnsAt(int64_t t) const { return t <= steps; }
  double RateAt(int64_t t) const { return fovea::RateAt(schedule, t - 1, steps); }
};

// One for each parameter, in the network's order. Where several groups name a parameter, later settings win. Weight decay
// spares biases and norms, unless a group that names them gives one. Throws ArgumentError for a group that names no
// parameter of the network.
std::vector<ParameterRule> RulesFor(const TrainConfig& config, const Network& network,
                                    int64_t steps_per_epoch);

// Of the parameters without a group.
Schedule ScheduleFor(const TrainConfig& config, const Network& network, int64_t steps_per_epoch);

}  // namespace fovea
