// A model: everything that a prediction needs beside the pixels.
#pragma once

#include <string>
#include <vector>

#include "fovea/base/api.h"
#include "fovea/base/micro_shard.h"
#include "fovea/network/network.h"

namespace fovea FOVEA_API {

// What happens to a pixel before the network: (value/255 - mean[c]) / deviation[c].
struct Preprocessing {
  std::vector<double> mean, deviation;  // one a channel
};

// What the bits of a training run hang on, beside the network and the data.
struct Conventions {
  int64_t micro_shard = kMicroShard;  // images
};

// What the network answers to an input, both with batch 1: kept beside the weights, replayed by `fovea verify`.
struct Example {
  Tensor<float> x, y;
};

struct Model {
  Network network;
  Preprocessing preprocessing;
  std::vector<std::string> classes;
  Conventions conventions = {};
  std::vector<Example> examples = {};
};

}  // namespace fovea
