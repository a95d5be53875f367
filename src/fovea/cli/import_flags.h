// The flags of commands that read a model of any format.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "fovea/formats/import_options.h"
#include "fovea/network/model.h"

namespace fovea {

struct ImportFlags {
  std::string input, output, network, names, epsilon;
  int64_t classes = 0;  // not given
  std::vector<double> mean, deviation;

  void AddTo(CLI::App& command);
  // With --network, the weights of a .safetensors, .npz or .weights file in it. Otherwise a model file of any format, the best model of a
  // run folder, or what describes a network (a name, .cfg, .json), with fresh weights, and 10 classes where it leaves them open.
  // Its preprocessing is that of --mean and --deviation where they are given. Throws ArgumentError for a flag that would do nothing.
  Model Load(const std::string& model_or_run) const;

 private:
  Model LoadAsItIs(const std::string& model_or_run) const;
  Model LoadWeightsAlone(const std::string& path) const;
  // What is described without weights, a name, .cfg or .json; these are drawn.
  Model Described(const std::string& name, const char* shape, int64_t otherwise) const;
  ImportOptions Options() const;
};

// The flag --epsilon of .weights and .cfg.
void AddEpsilon(CLI::App& command, std::string& epsilon);

}  // namespace fovea
