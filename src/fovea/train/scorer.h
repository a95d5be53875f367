// Scores of images from several views of each.
#pragma once

#include <vector>

#include "fovea/data/views.h"
#include "fovea/engine/program.h"

#pragma GCC visibility push(default)
namespace fovea {

// Shows the images to an inference program as each view shows them, and averages the scores by the views' weights.
class Scorer {
 public:
  // The program must outlive the scorer.
  Scorer(Program& program, std::vector<View> views) : program_(program), views_(std::move(views)) {}

  // Of images (N,C,H,W): (N,K), valid until the next call.
  TensorView<const float> Scores(TensorView<const float> images);

 private:
  Program& program_;
  const std::vector<View> views_;
  Tensor<float> moved_, average_;
};

}  // namespace fovea
#pragma GCC visibility pop
