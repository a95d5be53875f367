// What training does with whole tensors beside an update rule: norms, scaling, sums, moving averages.
#pragma once

#include <cstdint>

#include "fovea/base/parallel.h"

namespace fovea {

// The sum of squares, in an order that is the same for any number of threads. Not finite when an element is not.
double SumOfSquares(ThreadPool& pool, int64_t count, const float* x);
void ScaleBy(ThreadPool& pool, float factor, int64_t count, float* x);
// sum += x
void AddTo(ThreadPool& pool, int64_t count, const float* x, float* sum);
// average += share * (x - average)
void MoveAverage(ThreadPool& pool, double share, int64_t count, const float* x, float* average);

// y = fx*x + fy*y
void Blend(ThreadPool& pool, double fx, int64_t count, const float* x, double fy, float* y);

}  // namespace fovea
