// A gradient checker for users: is the backward pass of this network the derivative of its forward pass?
//
// The loss is <dy, y> for a random dy. Its derivative along a direction v comes exactly from one forward pass
// over dual numbers, and must equal <gradient, v> of the backward pass in double: along one random direction
// over input and parameters together, in which every tensor has the same weight, then, where that fails, over
// halves of them down to the tensors and single entries that are wrong. A central difference that disagrees
// with the dual derivative while both passes agree means a kink (a tie or a sign change within the step): it
// is said, and is no failure, since the backward pass follows the branch that the values take.
#pragma once

#include <string>
#include <vector>

#include "fovea/network/network.h"

#pragma GCC visibility push(default)
namespace fovea {

struct GradientCheckOptions {
  int64_t batch = 2;
  int64_t samples = 20;
  uint64_t seed = 1;
  bool each = false;  // a direction for each tensor in any case
};

struct GradientRow {
  std::string tensor;  // "all", "input", "conv1.weight", "conv1.weight[7]"
  double error = 0;    // relative
  bool passed = false;
  std::string remark;
};

struct GradientReport {
  std::vector<GradientRow> rows;
  bool passed = true;
};

// Sums of millions of products in double leave 1e-10; a wrong formula is off by far more.
inline constexpr double kGradientTolerance = 1e-8;

GradientReport CheckGradients(const Network& network, const GradientCheckOptions& options = {});

}  // namespace fovea
#pragma GCC visibility pop
