// Muon: momentum, made orthogonal, so that a step moves a weight matrix in all its directions alike.
//   v = momentum*v + g;  d = nesterov ? g + momentum*v : v
//   p = s*(1 - rate*weight_decay)*p - rate*Orthogonalise(d),  s = renormalise ? sqrt(rows)/|p| : 1
// A filter (K,C,kh,kw) is a matrix of K rows. The velocity starts at 0. Steps do not depend on the size of the
// gradient. With `renormalise` the rows of p have norm 1 in the mean, for weights whose scale a batch norm takes away.
// Source    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; the scaling of p is that of
//           its CIFAR-10 speed run
#pragma once

#include <cstdint>

#include "fovea/base/parallel.h"

#pragma GCC visibility push(default)
namespace fovea {

struct MuonOptions {
  double momentum = 0.9;
  bool nesterov = true;
  double weight_decay = 0;
  bool renormalise = false;
  int64_t newton_schulz = 5;  // steps
};

// One step of one parameter (rows, columns).
void MuonStep(ThreadPool& pool, const MuonOptions& options, double rate, int64_t rows, int64_t columns,
              const float* gradient, float* velocity, float* parameter);

}  // namespace fovea
#pragma GCC visibility pop
