#include "fovea/optim/vectors.h"

#include <vector>

#include "fovea/base/chunks.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {

double SumOfSquares(ThreadPool& pool, int64_t count, const float* x) {
  std::vector<double> parts(static_cast<std::size_t>(ChunksOf(count)));
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) {
    parts[static_cast<std::size_t>(i / kChunkFloats)] = Kernels().update.squares(size, x + i);
  });
  double sum = 0;
  for (double part : parts) sum += part;
  return sum;
}

void ScaleBy(ThreadPool& pool, float factor, int64_t count, float* x) {
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) { Kernels().update.scale(size, factor, x + i); });
}

void AddTo(ThreadPool& pool, int64_t count, const float* x, float* sum) {
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) { Kernels().update.add(size, x + i, sum + i); });
}

void MoveAverage(ThreadPool& pool, double share, int64_t count, const float* x, float* average) {
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) {
    Kernels().update.average(size, static_cast<float>(share), x + i, average + i);
  });
}

void Blend(ThreadPool& pool, double fx, int64_t count, const float* x, double fy, float* y) {
  ForEachChunk(pool, count, [&](int64_t i, int64_t size) {
    Kernels().update.blend(size, static_cast<float>(fx), x + i, static_cast<float>(fy), y + i);
  });
}

}  // namespace fovea
