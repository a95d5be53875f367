#include <fmt/format.h>

#include <memory>

#include "fovea/cli/command.h"
#include "fovea/cli/import_flags.h"
#include "fovea/engine/verification.h"
#include "fovea/formats/registry.h"
#include "fovea/formats/weights.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Bring a model from one format to another, by the ends of the names: .safetensors (Fovea's own), "
    ".onnx; .npz is for weights alone. A model that has none takes along answers of its network to two "
    "inputs, for fovea verify.\n\n"
    "Examples:\n"
    "  fovea convert resnet50.onnx resnet50.safetensors     then: fovea train --network resnet50.safetensors "
    "...\n"
    "  fovea convert runs/pets pets.onnx                    the best model of a run\n"
    "  fovea convert resnet20 fresh.onnx                    a built-in network, untrained\n"
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

// --names of a model are for the file that is written: weights alone.
bool WritesWeights(const Flags& flags) {
  return flags.out.ends_with(".npz") || (flags.import.network.empty() && !flags.import.names.empty());
}

int RunConvert(const Flags& flags) {
  if (!WritesWeights(flags)) FormatOf(flags.out);
  Model model = flags.import.Load(flags.in);
  if (WritesWeights(flags)) {
    SaveWeights(flags.out, model.network, NamesBy(flags.import.names, model.network));
  } else {
    if (model.examples.empty()) model.examples = MakeExamples(model.network);
    FormatOf(flags.out).save(flags.out, model);
  }
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
  command->add_option("in", flags->in, "model file, run folder or name of a network")->required();
  command->add_option("out", flags->out, "file to write")->required();
  flags->import.AddTo(*command);
  command->callback([&action, flags] { action = [flags] { return RunConvert(*flags); }; });
}

}  // namespace fovea
