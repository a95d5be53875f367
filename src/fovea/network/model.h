// A model: everything that a prediction needs beside the pixels.
#pragma once

#include <string>
#include <vector>

#include "fovea/network/network.h"

namespace fovea {

// What happens to a pixel before the network: (value/255 - mean[c]) / deviation[c].
struct Preprocessing {
  std::vector<double> mean, deviation;  // one a channel
};

struct Model {
  Network network;
  Preprocessing preprocessing;
  std::vector<std::string> classes;
};

}  // namespace fovea
