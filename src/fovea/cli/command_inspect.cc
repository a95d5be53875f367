#include <fmt/format.h>

#include <memory>

#include "fovea/cli/command.h"
#include "fovea/formats/registry.h"
#include "fovea/train/run_folder.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Say what is in a file: a model of any format, or arrays of NumPy. Reads models that Fovea cannot run "
    "too.\n\n"
    "Examples:\n"
    "  fovea inspect resnet50.onnx      opset, inputs, operators, and which of them Fovea lacks\n"
    "  fovea inspect runs/pets          the tensors and the metadata of a run's best model\n"
    "  fovea inspect images.npz";

}  // namespace

void AddInspect(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("inspect", "Say what is in a file");
  command->description(kHelp);
  auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "model file, run folder, .npy or .npz")->required();
  command->callback([&action, file] {
    action = [file] {
      fmt::print("{}", DescribeFile(FindModel(*file)));
      return kGood;
    };
  });
}

}  // namespace fovea
