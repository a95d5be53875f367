// The built-in data set: drawn digits 0 to 9, 32x32 in colour, 20,000 for training and 4,000 for testing.
// Each image is a pure function of its split and number, drawn on demand: random slant, rotation, size,
// place, stroke, colours, clutter around the digit, shading and noise.
#pragma once

#include <string>
#include <vector>

#include "fovea/data/dataset.h"

namespace fovea {

class Glyphs final : public Dataset {
 public:
  explicit Glyphs(int64_t train = 20000, int64_t test = 4000);

  std::string Name() const override { return "glyphs"; }
  const std::vector<std::string>& Classes() const override { return classes_; }
  Shape ImageShape() const override { return {3, 32, 32}; }
  int64_t Size(Split split) const override { return split == Split::kTrain ? train_ : test_; }
  int32_t Read(Split split, int64_t index, uint8_t* pixels) const override;

 private:
  int64_t train_, test_;
  std::vector<std::string> classes_;
};

}  // namespace fovea
