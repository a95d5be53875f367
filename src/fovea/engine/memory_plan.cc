#include "fovea/engine/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "fovea/base/checked.h"

namespace fovea {
namespace {

constexpr int64_t kLine = 16;  // floats of a cache line

}  // namespace

MemoryPlan PlanMemory(std::span<const BufferLife> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return buffers[a].floats > buffers[b].floats; });
  MemoryPlan plan{std::vector<int64_t>(buffers.size(), -1), 0};
  std::vector<std::size_t> placed;  // by offset
  for (std::size_t i : order) {
    const BufferLife& buffer = buffers[i];
    if (buffer.floats == 0) continue;
    const int64_t size = RoundUp(buffer.floats, kLine);
    int64_t offset = 0;
    for (std::size_t j : placed) {
      const BufferLife& other = buffers[j];
      if (other.last < buffer.first || buffer.last < other.first) continue;
      if (offset + size <= plan.offsets[j]) break;
      offset = std::max(offset, plan.offsets[j] + RoundUp(other.floats, kLine));
    }
    plan.offsets[i] = offset;
    plan.floats = std::max(plan.floats, CheckedAdd(offset, size));
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), i,
                         [&](std::size_t a, std::size_t b) { return plan.offsets[a] < plan.offsets[b]; }),
        i);
  }
  return plan;
}

}  // namespace fovea
