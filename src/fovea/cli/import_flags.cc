#include "fovea/cli/import_flags.h"

#include <algorithm>

#include "fovea/formats/registry.h"
#include "fovea/formats/weights.h"
#include "fovea/network/architectures.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/start_network.h"

namespace fovea {

namespace {

// A model around a network: pixels between 0 and 1, classes without names.
Model ModelAround(Network network) {
  const auto channels = static_cast<std::size_t>(network.InputShape(1)[1]);
  return {std::move(network), {std::vector<double>(channels, 0), std::vector<double>(channels, 1)}, {}};
}

}  // namespace

void ImportFlags::AddTo(CLI::App& command) {
  command.add_option("--shape", input, "CxHxW, or C for features: the input of a file that leaves it open");
  command.add_option("--from", output,
                     "the output, or inner value, that the network ends at, of a file with several");
  command.add_option(
      "--network", network,
      "the network that a file of weights alone is for, with --shape and --classes: a name or a .json graph");
  command.add_option("--classes", classes, "of that network [1000]")->check(CLI::Range(1, 1 << 24));
  command.add_option("--names", names,
                     "the names in a file of weights: torch, or a file of lines \"name = other name\"");
}

TensorNames ImportFlags::NamesFor(const Network& net) const {
  if (names.empty()) return OwnNames(net);
  return names == "torch" ? TorchNames(net) : ReadTensorNames(names, net);
}

Model ImportFlags::Load(const std::string& model_or_run) const {
  const Shape shape = ParseShape(input.empty() ? "3x224x224" : input);
  if (!network.empty()) {
    Model model = ModelAround(StartNetwork(network, shape, classes, 1));
    SetWeights(model_or_run, ReadWeights(model_or_run), NamesFor(model.network), model.network);
    return model;
  }
  const auto known = NetworkNames();
  if (std::find(known.begin(), known.end(), model_or_run.substr(0, model_or_run.find(':'))) != known.end())
    return ModelAround(StartNetwork(model_or_run, ParseShape(input.empty() ? "3x32x32" : input), 10, 1));
  return LoadAnyModel(FindModel(model_or_run), {input.empty() ? Shape() : ParseShape(input), output});
}

}  // namespace fovea
