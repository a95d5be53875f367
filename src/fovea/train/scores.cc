#include "fovea/train/scores.h"

#include "fovea/layers/softmax.h"

namespace fovea {

void EndAtScores(Network& network) {
  const std::size_t layers = network.nodes().size();
  if (layers > 1 && network.nodes().back().layer->Type() == Softmax::kType &&
      network.nodes().back().inputs.front() == static_cast<int>(layers) - 1 &&
      network.OutputShape(1).rank() == 2)
    network.RemoveLast();
}

}  // namespace fovea
