// What a classifier's network gives to the loss and to predictions: scores, of which these take the softmax.
#pragma once

#include "fovea/network/network.h"

namespace fovea {

// Takes away the softmax over the classes that ends the network, as it does in files of Keras and of Caffe. (A log_softmax may stay: the
// softmax of it, and the cross-entropy, are those of what it reads.)
void EndAtScores(Network& network);

}  // namespace fovea
