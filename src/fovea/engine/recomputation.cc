#include "fovea/engine/recomputation.h"

#include <algorithm>

#include "fovea/engine/schedule.h"

namespace fovea {

std::vector<bool> ChooseRemade(const std::vector<ScheduledStep>& steps,
                               const std::vector<ValueBuffer>& buffers) {
  std::vector<bool> remade(buffers.size());
  const auto remakes = [&](std::size_t writer) {
    return steps[writer].needs.remakes && steps[writer].has_backward;  // else `saved` is gone
  };
  const auto kept = [&](int buffer) {
    const auto b = static_cast<std::size_t>(buffer);
    return !buffers[b].readers.empty() && !remade[b];
  };
  for (std::size_t b = 0; b < buffers.size(); b++) {
    const ValueBuffer& buffer = buffers[b];
    remade[b] = !buffer.readers.empty() && !buffer.writers.empty() &&
                std::all_of(buffer.writers.begin(), buffer.writers.end(), remakes) &&
                std::all_of(buffer.inputs.begin(), buffer.inputs.end(), kept);
  }
  return remade;
}

}  // namespace fovea
