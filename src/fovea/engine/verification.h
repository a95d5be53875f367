// A model's own answers: what its network gives for a few inputs, kept beside the weights and replayed where the model has
// come to. Inference in single precision by direct convolutions: the same bits on every machine, until a version of Fovea
// changes them.
#pragma once

#include <span>
#include <vector>

#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

// Two inputs drawn from a normal distribution, as preprocessed pixels are, and the network's answers; none where an answer is not
// finite and would say nothing.
std::vector<Example> MakeExamples(Network& network);

// How far a replay may be from a model's answers, by the largest of them: single precision in another order of sums.
inline constexpr double kReplayRounding = 1e-5;

struct Replay {
  bool same_bits = true, finite = true;  // finite: every answer of the network now
  double difference =
      0;  // the largest, over the largest answer of its example; infinite where one is not a number
};

// Throws ShapeError for an example that is not one of this network.
Replay ReplayExamples(Network& network, std::span<const Example> examples);

// What a model that is saved carries: the examples it came with while its network still answers so, others when it has learnt since.
void RefreshExamples(Model& model);

}  // namespace fovea
#pragma GCC visibility pop
