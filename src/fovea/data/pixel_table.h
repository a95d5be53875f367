// From bytes to a network's input, the same way for training, evaluation and prediction.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

// (value/255 - mean[c]) / deviation[c] for every byte value and channel.
class PixelTable {
 public:
  explicit PixelTable(const Preprocessing& preprocessing);

  // One image of `shape` (C,H,W), C as many as the preprocessing has means.
  void Apply(const Shape& shape, const uint8_t* pixels, float* input) const;

 private:
  std::vector<float> values_;
};

}  // namespace fovea
#pragma GCC visibility pop
