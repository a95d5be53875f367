// What a file of another framework may leave open.
#pragma once

#include <string>

#include "fovea/tensor/shape.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ImportOptions {
  Shape input;  // (C,H,W), or (C) for features, in place of what the file says; rank 0: as the file says
  std::string
      output;  // which of the graph's outputs, or of its inner values, is the network's; empty: the only one
};

}  // namespace fovea
#pragma GCC visibility pop
