// What a file of another framework may leave open.
#pragma once

#include <string>

#include "fovea/tensor/shape.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ImportOptions {
  Shape input = {};  // (C,H,W), or (C) for features, in place of what the file says; rank 0: as the file says
  // Which of the graph's outputs, or of its inner values, is the network's; empty: the only one.
  std::string output = {};
  // Of darknet's .weights, refused for other files:
  std::string cfg = {};               // what describes the network; empty: NAME.cfg beside NAME.weights
  bool epsilon_outside_root = false;  // of batch norms, as in pjreddie's code for the CPU
};

}  // namespace fovea
#pragma GCC visibility pop
