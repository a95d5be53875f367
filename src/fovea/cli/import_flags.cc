#include "fovea/cli/import_flags.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/formats/darknet/darknet.h"
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

// A flag that would do nothing is a mistake.
void Refuse(const char* flag, bool given, const std::string& why) {
  if (given) throw ArgumentError(fmt::format("{} does nothing: {}", flag, why));
}

}  // namespace

void ImportFlags::AddTo(CLI::App& command) {
  command.add_option("--shape", input, "CxHxW, or C for features: the input of a file that leaves it open");
  command.add_option("--from", output,
                     "the output, or inner value, that the network ends at, of a file with several");
  command.add_option("--network", network,
                     "the network that a file of weights alone is for: a name, with --shape and --classes, a "
                     ".json graph, a .cfg; of a .weights, a .cfg other than that of its name");
  AddEpsilon(command, epsilon);
  command.add_option("--classes", classes, "of a network by name [1000 with --network, else 10]")
      ->check(CLI::Range(1, 1 << 24));
  command.add_option("--names", names,
                     "the names in a file of weights: torch, or a file of lines \"name = other name\"");
  const auto list = [&](const char* flag, std::vector<double>& values, const CLI::Validator& rule,
                        const char* text) {
    command.add_option(flag, values, text)->delimiter(',')->allow_extra_args(false)->check(rule);
  };
  list("--mean", mean, Within(-1e6, 1e6),
       "what the network was trained to have subtracted from pixels of 0 to 1, as in 0.485,0.456,0.406");
  list("--deviation", deviation, Within(1e-6, 1e6),
       "and divided by then, as in 0.229,0.224,0.225; 0.00392157 for a network that reads 0 to 255");
}

Model ImportFlags::Load(const std::string& model_or_run) const {
  Model model = LoadAsItIs(model_or_run);
  Set("--mean", mean, model.preprocessing.mean);
  Set("--deviation", deviation, model.preprocessing.deviation);
  return model;
}

ImportOptions ImportFlags::Options() const {
  return {.input = input.empty() ? Shape() : ParseShape(input),
          .output = output,
          .epsilon_outside_root = epsilon == "outside"};
}

Model ImportFlags::Described(const std::string& name, const char* shape, int64_t otherwise) const {
  Refuse("--from", !output.empty(), name + " has one output");
  const bool cfg = name.ends_with(".cfg");
  Refuse("--epsilon", !cfg && !epsilon.empty(), name + " is no darknet cfg");
  std::error_code unreadable;
  if (cfg || name.ends_with(".json") || HasFormat(name) || std::filesystem::is_directory(name, unreadable)) {
    Refuse("--shape", !input.empty(), name + " says its input itself");
    Refuse("--classes", classes > 0, name + " says its outputs itself");
  }
  if (!cfg)
    return NamedModel(name, ParseShape(input.empty() ? shape : input), classes > 0 ? classes : otherwise, 1);
  Model model =
      ReadDarknetCfg(name, epsilon == "outside" ? DarknetEpsilon::kOutsideRoot : DarknetEpsilon::kInsideRoot);
  model.network.Initialise(1);
  return model;
}

Model ImportFlags::LoadWeightsAlone(const std::string& path) const {
  if (!path.ends_with(".weights")) {
    Model model = Described(network, "3x224x224", 1000);
    SetWeights(path, ReadWeights(path), NamesBy(names, model.network), model.network);
    model.examples.clear();
    return model;
  }
  if (!network.ends_with(".cfg"))
    throw ArgumentError(fmt::format("{}: --network is {}; a .weights is described by a .cfg", path, network));
  Refuse("--names", !names.empty(), path + " has no names");
  Refuse("--classes", classes > 0, network + " says its outputs itself");
  ImportOptions options = Options();
  options.cfg = network;
  return LoadAnyModel(path, options);
}

Model ImportFlags::LoadAsItIs(const std::string& model_or_run) const {
  if (!network.empty()) return LoadWeightsAlone(model_or_run);
  Refuse("--names", !names.empty(), "it is for weights alone, with --network");
  if (DescribesNetwork(model_or_run)) return Described(model_or_run, "3x32x32", 10);
  Refuse("--classes", classes > 0, model_or_run + " says its outputs itself");
  Refuse("--epsilon", !epsilon.empty() && !model_or_run.ends_with(".weights"),
         model_or_run + " is not darknet's");
  return LoadAnyModel(FindModel(model_or_run), Options());
}

void AddEpsilon(CLI::App& command, std::string& epsilon) {
  command
      .add_option(
          "--epsilon", epsilon,
          "of darknet's batch norms: inside the root, as on a GPU and in AlexeyAB's, or outside, as in "
          "pjreddie's on a CPU [inside]")
      ->check(CLI::IsMember({"inside", "outside"}));
}

}  // namespace fovea
