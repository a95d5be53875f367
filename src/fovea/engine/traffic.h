// What a step must move between memory and the processor.
#pragma once

#include <cstdint>

#include "fovea/engine/schedule.h"

namespace fovea {

// Bytes of a pass over n images: the values, gradients, parameters and saved numbers that it reads or writes, each once but for
// the maps that it goes through again, as if the caches held everything else. A view moves nothing.
struct StepTraffic {
  int64_t forward = 0, backward = 0;
};
StepTraffic TrafficOf(const Network& network, const Schedule& schedule, const ScheduledStep& step, int64_t n);

}  // namespace fovea
