#include "fovea/engine/micro_batch.h"

#include <algorithm>
#include <set>

#include "fovea/base/checked.h"
#include "fovea/engine/schedule.h"

namespace fovea {
namespace {

constexpr int64_t kCacheFloats = 6 << 20;  // 24 of the 32 MB that processors of today share among a few cores
constexpr int64_t kWeightShare = 6;  // weights are at most a sixth of what a micro-batch reads and writes

// Floats of the values of an image: at most at a time, and of all steps together.
struct ValueFloats {
  int64_t most = 0, all = 0;
};

ValueFloats ValueFloatsOf(const Schedule& schedule) {
  std::set<int> buffers;
  for (const ScheduledValue& value : schedule.values) buffers.insert(value.buffer);
  buffers.erase(-1);
  ValueFloats floats;
  for (int time = 0; time <= schedule.OutputTime(); time++) {
    int64_t alive = 0;
    for (int b : buffers) {
      const BufferLife& life = schedule.lives[static_cast<std::size_t>(b)];
      if (life.first <= time && time <= life.last) alive += life.floats;
    }
    floats.most = std::max(floats.most, alive);
  }
  for (int b : buffers) floats.all += schedule.lives[static_cast<std::size_t>(b)].floats;
  return floats;
}

}  // namespace

int64_t MicroBatch(const Network& network, const ProgramOptions& options) {
  if (options.mode == Mode::kTraining || options.max_batch == 1) return options.max_batch;
  ProgramOptions one = options;
  one.max_batch = 1;
  const ValueFloats floats = ValueFloatsOf(MakeSchedule(network, one, 1));
  const int64_t fit = std::max<int64_t>(1, kCacheFloats / std::max<int64_t>(1, floats.most));
  const bool halves = options.arithmetic.precision == Precision::kBfloat16;
  const int64_t weights = halves ? network.ParameterCount() / 2 : network.ParameterCount();
  if (fit * floats.all < kWeightShare * weights) return options.max_batch;
  return EvenPiece(options.max_batch, fit);
}

}  // namespace fovea
