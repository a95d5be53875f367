// Runs one layer forward and backward as a cached one-node program: for functional interfaces and for tests.
#pragma once

#include <memory>
#include <vector>

#include "fovea/engine/program.h"

#pragma GCC visibility push(default)
namespace fovea {

class AppliedLayer {
 public:
  // A layer with one input of this shape (with the batch). Every parameter starts at its initial constant.
  AppliedLayer(std::shared_ptr<const Layer> layer, const Shape& x, ProgramOptions options);

  // Plain layouts throughout. `w` are the parameters in order, `state` (may be empty) the running tensors.
  TensorView<const float> Forward(TensorView<const float> x, const std::vector<TensorView<const float>>& w,
                                  CallRandom random = {});
  // Gradients of x and of the parameters, both assigned; valid until the next call.
  TensorView<const float> Backward(TensorView<const float> dy);
  TensorView<const float> gradient(int parameter) { return program_->gradient(parameter); }

  Network& network() { return network_; }
  Program& program() { return *program_; }

 private:
  Network network_;
  std::unique_ptr<Program> program_;
};

}  // namespace fovea
#pragma GCC visibility pop
