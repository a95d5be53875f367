#include "fovea/train/scores.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/layers/softmax.h"

namespace fovea {

bool EndsInSoftmax(const Network& network) {
  const std::size_t layers = network.nodes().size();
  return layers > 1 && network.nodes().back().layer->Type() == Softmax::kType &&
         network.nodes().back().inputs.front() == static_cast<int>(layers) - 1 &&
         network.OutputShape(1).rank() == 2;
}

void EndAtScores(Network& network) {
  if (EndsInSoftmax(network)) network.RemoveLast();
}

void RequireScores(const Network& network) {
  const Shape scores = network.OutputShape(1);
  if (scores.rank() != 2) {
    throw ShapeError(fmt::format("the network gives {}; a classifier gives a score for each class",
                                 Shape(scores.extents().subspan(1)).ToString()));
  }
}

void RefuseDetector(const std::string& name, const Model& model) {
  if (!model.heads.empty()) {
    throw ArgumentError(fmt::format("{} is a detector: [{}] heads find boxes, and training is of classifiers",
                                    name, model.heads.front().type));
  }
}

}  // namespace fovea
