// Recomputation: which values a training program with little memory makes again in its backward pass instead of keeping them.
#pragma once

#include <cstddef>
#include <vector>

namespace fovea {

struct ScheduledStep;

// A buffer of values, as the forward pass uses it.
struct ValueBuffer {
  std::vector<std::size_t> writers;  // steps: the first fills it, the others work in place
  std::vector<int> inputs;           // the other buffers that they read
  std::vector<std::size_t> readers;  // steps whose backward pass reads it
};

// Whether each buffer is made again: when all its writers can, from buffers that are kept. In a chain of residual joins, each made
// from the one before, that is every other one.
std::vector<bool> ChooseRemade(const std::vector<ScheduledStep>& steps,
                               const std::vector<ValueBuffer>& buffers);

}  // namespace fovea
