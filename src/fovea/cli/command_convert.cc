#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/cli/import_flags.h"
#include "fovea/engine/verification.h"
#include "fovea/formats/darknet/darknet.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/registry.h"
#include "fovea/formats/weights.h"
#include "fovea/train/start_network.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Bring a model from one format to another, by the ends of the names: .safetensors (Fovea's own), "
    ".onnx, .weights (darknet's, with a .cfg beside it); .npz, and .safetensors with --names, are for "
    "weights alone. "
    "A .cfg or .json, or the name of a network, gives fresh weights. A model that has none takes along "
    "answers of its "
    "network to two inputs, for fovea verify.\n\n"
    "Examples:\n"
    "  fovea convert resnet50.onnx resnet50.safetensors     then: fovea train --network resnet50.safetensors "
    "...\n"
    "  fovea convert runs/pets pets.onnx                    the best model of a run\n"
    "  fovea convert resnet20 fresh.onnx                    a built-in network, untrained\n"
    "  fovea convert yolov3_final.weights yolov3.onnx --network yolov3.cfg\n"
    "  fovea convert resnet18.npz resnet18.safetensors --network resnet18 --shape 3x224x224 --names torch "
    "\\\n"
    "                --mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225                         from "
    "PyTorch\n"
    "  fovea convert runs/pets pets.npz                     its weights\n"
    "  fovea convert detector.onnx stage4.onnx --from /layer4/Relu_output_0 --shape 3x416x416";

struct Flags {
  std::string in, out;
  ImportFlags import;
};

// --names of a model are for the file that is written.
bool NamesWhatIsWritten(const ImportFlags& import) { return import.network.empty() && !import.names.empty(); }

// Whether the file that is written holds weights alone. Throws ArgumentError for a file that cannot be written so.
bool WritesWeights(const Flags& flags) {
  if (flags.out.ends_with(".npz")) return true;
  const FileFormat& format = FormatOf(flags.out);
  if (!NamesWhatIsWritten(flags.import)) return false;
  if (format.save != SaveModel) {
    throw ArgumentError(fmt::format("--names is for files of weights alone, .npz or .safetensors; {} is {}",
                                    flags.out, format.name));
  }
  return true;
}

Model LoadModelToConvert(const Flags& flags) {
  ImportFlags import = flags.import;
  if (NamesWhatIsWritten(import)) import.names.clear();
  if (import.network.empty() && DescribesNetwork(flags.in))
    fmt::print("{} has no weights; these are fresh, as training begins with them\n", flags.in);
  return import.Load(flags.in);
}

// A line on what a file that holds only numbers leaves behind.
void TellWhatIsLost(const Flags& flags, const Model& model, bool described) {
  std::vector<std::string> lost;
  if (!described) lost.emplace_back("the network");
  const auto is = [](const std::vector<double>& values, double v) {
    return std::ranges::all_of(values, [v](double value) { return value == v; });
  };
  if (!is(model.preprocessing.mean, 0) || !is(model.preprocessing.deviation, 1))
    lost.emplace_back("the preprocessing of pixels");
  if (!model.classes.empty()) lost.emplace_back("names of classes");
  if (!described && !model.heads.empty()) lost.emplace_back("heads");
  if (!model.examples.empty()) lost.emplace_back("answers for fovea verify");
  if (!lost.empty())
    fmt::print("{} does not hold {}; .safetensors and .onnx do\n", flags.out, fmt::join(lost, ", "));
}

void SaveWithAnswers(const std::string& out, Model& model) {
  const FileFormat& format = FormatOf(out);
  if (model.examples.empty() && format.save != SaveDarknet) {
    model.examples = MakeExamples(model.network);
    if (model.examples.empty())
      fmt::print("{} has no answers for fovea verify: those of the network are not finite\n", out);
  }
  format.save(out, model);
}

int RunConvert(const Flags& flags) {
  const bool weights = WritesWeights(flags), darknet = flags.out.ends_with(".weights");
  Model model = LoadModelToConvert(flags);
  if (weights) {
    SaveWeights(flags.out, model.network, NamesBy(flags.import.names, model.network));
  } else {
    SaveWithAnswers(flags.out, model);
  }
  if (weights || darknet) TellWhatIsLost(flags, model, darknet);
  fmt::print("{}: {} layers, {} parameters, input {}\n", flags.out, model.network.nodes().size(),
             model.network.ParameterCount(),
             Shape(model.network.InputShape(1).extents().subspan(1)).ToString());
  return kGood;
}

}  // namespace

void AddConvert(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("convert", "Bring a model from one format to another");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("in", flags->in, "model file, run folder, name of a network, .cfg or .json")
      ->required();
  command->add_option("out", flags->out, "file to write")->required();
  flags->import.AddTo(*command);
  command->callback([&action, flags] { action = [flags] { return RunConvert(*flags); }; });
}

}  // namespace fovea
