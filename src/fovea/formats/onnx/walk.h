// Walks over the values of constants: in the order of some axes, at places that steps along these axes say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

namespace fovea::onnx {

// Calls visit(place) for each value of axes `dims`, the last axis fastest.
template <class Visit>
void Walk(const std::vector<int64_t>& dims, const std::vector<int64_t>& steps, const Visit& visit) {
  const int64_t size = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
  std::vector<int64_t> at(dims.size());
  int64_t place = 0;
  for (int64_t i = 0; i < size; i++) {
    visit(static_cast<std::size_t>(place));
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      place += steps[axis];
      if (++at[axis] < dims[axis]) break;
      place -= steps[axis] * dims[axis];
      at[axis] = 0;
    }
  }
}

// Steps along the axes of a dense tensor.
inline std::vector<int64_t> DenseSteps(const std::vector<int64_t>& dims) {
  std::vector<int64_t> steps(dims.size());
  int64_t step = 1;
  for (std::size_t axis = dims.size(); axis-- > 0; step *= dims[axis]) steps[axis] = step;
  return steps;
}

// Steps through a dense tensor of axes `from` where it is spread over `to`: counted from the last axis, those of extent 1 repeat.
inline std::vector<int64_t> SpreadSteps(const std::vector<int64_t>& from, const std::vector<int64_t>& to) {
  std::vector<int64_t> steps = DenseSteps(from);
  for (std::size_t axis = 0; axis < from.size(); axis++) {
    if (from[axis] == 1) steps[axis] = 0;
  }
  steps.insert(steps.begin(), to.size() - from.size(), 0);
  return steps;
}

}  // namespace fovea::onnx
