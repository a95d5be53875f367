// What happens when: the steps that serve a network in order, where each value lies, and how long every
// buffer lives.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "fovea/engine/memory_plan.h"
#include "fovea/engine/program.h"
#include "fovea/engine/steps.h"

namespace fovea {

// A buffer that is not kept from forward to backward: `writers` fill it once more before the first backward pass that reads it,
// that of the last of `readers`, unless none of these runs.
struct ScheduledRemake {
  std::vector<std::size_t> writers, readers;  // steps, in order
};

struct ScheduledStep {
  std::unique_ptr<Step> step;
  StepNeeds needs;
  int node = 0, nodes = 1;  // first node and how many
  std::vector<int> inputs;  // values
  int output = 0;           // value
  bool has_backward = false;
  // Buffers, as indices into Schedule::lives; -1 for none.
  int saved = -1, forward_packed = -1, backward_packed = -1, forward_scratch = -1, backward_scratch = -1;
  std::vector<int>
      sums;  // per input: where a second gradient waits to be added, when the step cannot accumulate
  std::vector<ScheduledRemake> remakes;  // before its backward pass
  std::vector<bool> later;               // per input: another step has already written its gradient
};

struct ScheduledValue {
  Storage storage;
  // Indices into Schedule::lives; -1 inside a fused chain or where no gradient is wanted.
  int buffer = -1;
  int backward = -1;  // what the backward pass reads: the same buffer, or that in which it is made again
  int gradient = -1;
};

struct Schedule {
  std::vector<ScheduledStep> steps;
  std::vector<ScheduledValue> values;
  std::vector<BufferLife> lives;
  MemoryPlan plan;

  // Whether its backward pass gives the gradient of any input.
  bool GivesGradient(const ScheduledStep& step) const {
    return step.has_backward && std::any_of(step.inputs.begin(), step.inputs.end(), [&](int v) {
             return values[static_cast<std::size_t>(v)].gradient >= 0;
           });
  }

  // The timeline: 0 loads the input, 1 + i runs step i, then the output is read, then backward in reverse.
  int ForwardTime(std::size_t step) const { return static_cast<int>(step) + 1; }
  int OutputTime() const { return static_cast<int>(steps.size()) + 1; }
  int BackwardTime(std::size_t step) const { return OutputTime() + static_cast<int>(steps.size() - step); }
  int EndTime() const { return OutputTime() + static_cast<int>(steps.size()) + 1; }
};

// Whether a program keeps less, for the price of time: one for training with Memory::kLow.
inline bool LowMemory(const ProgramOptions& options) {
  return options.mode == Mode::kTraining && options.memory == Memory::kLow;
}

Schedule MakeSchedule(const Network& network, const ProgramOptions& options, int threads);

}  // namespace fovea
