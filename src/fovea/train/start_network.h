// What a run starts from: the network that a word on the command line means, and the model around it.
#pragma once

#include <string>

#include "fovea/data/split.h"
#include "fovea/network/model.h"
#include "fovea/train/config.h"

namespace fovea {

// `name` is an architecture ("resnet20", "resnet20:stem=imagenet") for images of shape (C,H,W), the graph of a .json
// file, a darknet .cfg, all with weights initialised from the seed, or a model, with its weights: of a file of any
// format that Fovea reads, or of a run folder. What has no preprocessing reads pixels of 0 to 1. Throws ArgumentError for an unknown
// name (with the nearest known one) and FormatError as LoadModel does.
Model NamedModel(const std::string& name, const Shape& image, int64_t classes, uint64_t seed);
// Its network alone.
Network StartNetwork(const std::string& name, const Shape& image, int64_t classes, uint64_t seed);

// Whether the word is an architecture or a file that describes a network, without weights.
bool DescribesNetwork(const std::string& name);

// The model of a new run: its network for the data's images and classes, preprocessing measured on the training
// images, and from them the weights that start by whitening. Throws ArgumentError for such weights behind another layer, and for a detector.
Model StartModel(const TrainConfig& config, const Dataset& data, const TrainSplit& split);

}  // namespace fovea
