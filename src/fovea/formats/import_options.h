// What a file of another framework may leave open.
#pragma once

#include <string>

#include "fovea/base/api.h"
#include "fovea/tensor/shape.h"

namespace fovea FOVEA_API {

struct ImportOptions {
  Shape input;  // (C,H,W), or (C) for features, in place of what the file says; rank 0: as the file says
  std::string
      output;  // which of the graph's outputs, or of its inner values, is the network's; empty: the only one
};

}  // namespace fovea
