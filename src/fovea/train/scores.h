// What a classifier's network gives to the loss and to predictions: scores, of which these take the softmax.
#pragma once

#include <string>

#include "fovea/network/model.h"

namespace fovea {

// Takes away the softmax over the classes that ends the network, as it does in files of Keras and of Caffe. (A log_softmax may stay: the
// softmax of it, and the cross-entropy, are those of what it reads.)
void EndAtScores(Network& network);
// Whether it takes one away.
bool EndsInSoftmax(const Network& network);

// Throws ShapeError unless the network gives a score for each class.
void RequireScores(const Network& network);
// Throws ArgumentError for a detector; `name` is the model's.
void RefuseDetector(const std::string& name, const Model& model);

}  // namespace fovea
