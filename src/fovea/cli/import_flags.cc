#include "fovea/cli/import_flags.h"

#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/formats/registry.h"
#include "fovea/formats/weights.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/start_network.h"

namespace fovea {

namespace {

// A number for each channel, or one for all.
void Set(const char* flag, const std::vector<double>& given, std::vector<double>& values) {
  if (given.empty()) return;
  if (given.size() != 1 && given.size() != values.size()) {
    throw ArgumentError(
        fmt::format("{} has {} numbers; the network reads {} channels: give one for each, or one "
                    "for all",
                    flag, given.size(), values.size()));
  }
  for (std::size_t c = 0; c < values.size(); c++) values[c] = given[given.size() == 1 ? 0 : c];
}

}  // namespace

void ImportFlags::AddTo(CLI::App& command) {
  command.add_option("--shape", input, "CxHxW, or C for features: the input of a file that leaves it open");
  command.add_option("--from", output,
                     "the output, or inner value, that the network ends at, of a file with several");
  command.add_option("--network", network,
                     "the network that a file of weights alone is for, with --shape and --classes: a name, a "
                     ".json graph, a .cfg");
  command.add_option("--classes", classes, "of that network [1000]")->check(CLI::Range(1, 1 << 24));
  command.add_option("--names", names,
                     "the names in a file of weights: torch, or a file of lines \"name = other name\"");
  const auto list = [&](const char* flag, std::vector<double>& values, const CLI::Validator& rule,
                        const char* text) {
    command.add_option(flag, values, text)->delimiter(',')->allow_extra_args(false)->check(rule);
  };
  list("--mean", mean, CLI::Range(-1e6, 1e6),
       "what the network was trained to have subtracted from pixels of 0 to 1, as in 0.485,0.456,0.406");
  list("--deviation", deviation, CLI::Range(1e-6, 1e6),
       "and divided by then, as in 0.229,0.224,0.225; 0.00392157 for a network that reads 0 to 255");
}

Model ImportFlags::Load(const std::string& model_or_run) const {
  Model model = LoadAsItIs(model_or_run);
  Set("--mean", mean, model.preprocessing.mean);
  Set("--deviation", deviation, model.preprocessing.deviation);
  return model;
}

Model ImportFlags::LoadAsItIs(const std::string& model_or_run) const {
  const Shape shape = ParseShape(input.empty() ? "3x224x224" : input);
  if (!network.empty()) {
    Model model = NamedModel(network, shape, classes, 1);
    SetWeights(model_or_run, ReadWeights(model_or_run), NamesBy(names, model.network), model.network);
    model.examples.clear();
    return model;
  }
  if (DescribesNetwork(model_or_run))
    return NamedModel(model_or_run, ParseShape(input.empty() ? "3x32x32" : input), 10, 1);
  return LoadAnyModel(FindModel(model_or_run), {input.empty() ? Shape() : ParseShape(input), output});
}

}  // namespace fovea
