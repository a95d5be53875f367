// A model: everything that a prediction needs beside the pixels.
#pragma once

#include <string>
#include <vector>

#include "fovea/base/micro_shard.h"
#include "fovea/network/network.h"

#pragma GCC visibility push(default)
namespace fovea {

// What happens to a pixel before the network: (value/255 - mean[c]) / deviation[c].
struct Preprocessing {
  std::vector<double> mean, deviation;  // one a channel
};

// What the bits of a training run hang on, beside the network and the data.
struct Conventions {
  int64_t micro_shard = kMicroShard;  // images
};

// A [yolo] or [region] head of darknet: `shape` (C,H,W) at `offset` of the network's outputs. formats/darknet/boxes.h reads what it says.
struct DetectionHead {
  std::string type;
  Shape shape;
  int64_t offset = 0, classes = 0;
  double scale_x_y = 1;
  bool new_coords = false;
  std::vector<double> anchors;  // width and height of each box
  std::vector<int64_t> mask;    // of a [yolo] head, which of them it has
};

// What the network answers to an input, both with batch 1: kept beside the weights, replayed by `fovea verify`.
struct Example {
  Tensor<float> x, y;
};

struct Model {
  Network network;
  Preprocessing preprocessing;
  std::vector<std::string> classes = {};
  Conventions conventions = {};
  std::vector<Example> examples = {};
  std::vector<DetectionHead> heads = {};  // of a detector
};

}  // namespace fovea
#pragma GCC visibility pop
