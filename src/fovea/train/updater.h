// What happens between the gradients of a batch and the next step: clipping, the update rule, the moving average
// of the weights. Its tensors are part of a checkpoint.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fovea/engine/program.h"
#include "fovea/network/model.h"
#include "fovea/train/parameter_rules.h"

namespace fovea {

// By name: "optimizer/velocity/conv1.weight", "average/bn1.running_mean": no tensor of a network has
// a slash in its name.
using NamedTensors = std::map<std::string, Tensor<float>>;

struct UpdaterOptions {
  std::vector<ParameterRule> rules;  // one for each parameter
  double clip_norm = 0;              // 0: none
  double ema = 0;                    // 0: none
};

class Updater {
 public:
  // Starts from `saved`, or anew when that is null. Throws FormatError for a tensor that is missing or of another
  // shape. The network must outlive the updater.
  Updater(const UpdaterOptions& options, Network& network, const NamedTensors* saved);

  // Step number `t` (from 1) of the parameters that learn then, with the program's gradients. Returns what is not
  // finite, a gradient before anything has changed or a parameter after; empty when all is well.
  std::string Step(Program& program, int64_t t);

  // For each parameter, whether step number `t` leaves it as it is.
  std::vector<bool> FrozenAt(int64_t t) const;

  const NamedTensors& tensors() const { return tensors_; }
  int64_t HeldBytes() const;
  // The network with the averaged weights and running statistics; a copy of it without an average.
  Network Averaged() const;

 private:
  void Keep(const std::string& name, const Tensor<float>& start, const NamedTensors* saved);
  // What the gradients in use are scaled by, so that their joint norm is at most clip_norm; says which of them is not
  // finite.
  std::string FindScale(Program& program, int64_t t, float& scale) const;
  // Updates, averages and checks all parameters, part by part: each is read from memory once.
  std::string UpdateAll(Program& program, int64_t t, float scale);
  Update UpdateOf(Program& program, std::size_t parameter, int64_t t, float scale);
  float* Average(const std::string& tensor);

  const UpdaterOptions options_;
  Network& network_;
  NamedTensors tensors_;
};

}  // namespace fovea
