#include <fmt/format.h>

#include <memory>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/cli/import_flags.h"
#include "fovea/engine/verification.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Replay the answers that a model carries and compare. A model that Fovea has trained or converted holds "
    "two "
    "inputs and what its network gave for them; every machine gives the same bits.\n\n"
    "Examples:\n"
    "  fovea verify runs/pets\n"
    "  fovea verify pets.onnx          after another tool has written it: within 1e-5";

struct Flags {
  std::string model;
  ImportFlags import;
};

int RunVerify(const Flags& flags) {
  Model model = flags.import.Load(flags.model);
  if (model.examples.empty()) {
    throw ArgumentError(fmt::format("{}: carries no answers; a copy by fovea convert does", flags.model));
  }
  const Replay replay = ReplayExamples(model.network, model.examples);
  if (!replay.finite) {
    fmt::print("{}: the network answers with numbers that are not finite\n", flags.model);
    return kCheckFailed;
  }
  if (replay.same_bits) {
    fmt::print("{}: {} of {} answers are the same, bit for bit\n", flags.model, model.examples.size(),
               model.examples.size());
    return kGood;
  }
  const bool rounding = replay.difference <= kReplayRounding;
  fmt::print("{}: the answers differ by {:.1e} of the largest: {}\n", flags.model, replay.difference,
             rounding ? "the same model in other arithmetic" : "not the model that gave them");
  return rounding ? kGood : kCheckFailed;
}

}  // namespace

void AddVerify(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("verify", "Replay the answers that a model carries");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("model", flags->model, "model file or run folder")->required();
  flags->import.AddTo(*command);
  command->callback([&action, flags] { action = [flags] { return RunVerify(*flags); }; });
}

}  // namespace fovea
