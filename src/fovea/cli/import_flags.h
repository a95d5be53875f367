// The flags of commands that read a model of any format.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "fovea/network/model.h"

namespace fovea {

struct ImportFlags {
  std::string input, output, network, names;
  int64_t classes = 1000;
  std::vector<double> mean, deviation;

  void AddTo(CLI::App& command);
  // With --network, the weights of a .safetensors or .npz file in it. Otherwise a model file of any format, the best model of a run folder, or what
  // describes a network (a name, .cfg, .json), with fresh weights, and 10 classes where it leaves them open.
  // Its preprocessing is that of --mean and --deviation where they are given.
  Model Load(const std::string& model_or_run) const;

 private:
  Model LoadAsItIs(const std::string& model_or_run) const;
};

}  // namespace fovea
