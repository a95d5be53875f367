// Two images in one: each image of a batch is mixed with another of the same batch, and so is its label.
//   mixup   x = share*a + (1-share)*b
//   cutmix  a rectangle of b covers 1-share of a
// The share is drawn from Beta(alpha, alpha) once a batch; the partner is the image a drawn number of places on.
// With both, each batch has one of them, half of the time.
// Source    Zhang et al. 2018, arXiv:1710.09412; Yun et al. 2019, arXiv:1905.04899
#pragma once

#include <vector>

#include "fovea/base/random.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

struct Mixing {
  double mixup = 0, cutmix = 0;  // alpha; 0: never
  bool Any() const { return mixup > 0 || cutmix > 0; }
};

struct Batch;

// Mixes the finished batch number `number` of an epoch; a batch of one stays as it is.
void Mix(const Mixing& mixing, uint64_t seed, int64_t epoch, int64_t number, Batch& batch);

// Beta(alpha, alpha).
double DrawBeta(double alpha, RandomStream& random);

}  // namespace fovea
