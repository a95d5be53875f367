#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/cli/command.h"
#include "fovea/engine/gradient_comparison.h"
#include "fovea/network/gradient_check.h"
#include "fovea/train/start_network.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Prove the gradient of a network: the backward pass against directional derivatives by dual numbers.\n\n"
    "Examples:\n"
    "  fovea gradcheck resnet20\n"
    "  fovea gradcheck lenet5 --input 1x28x28 --each      one line a tensor: takes a pass for each\n"
    "  fovea gradcheck lenet5 --input 1x28x28 --fast      also holds the engine's float gradients to the "
    "reference";

struct Flags {
  std::string network, input = "3x32x32";
  int64_t classes = 10, batch = 2, samples = 20, seed = 1;
  bool each = false, fast = false, json = false;
};

nlohmann::json ToJson(const GradientRow& row) {
  return {{"tensor", row.tensor}, {"error", row.error}, {"passed", row.passed}, {"remark", row.remark}};
}

int RunGradcheck(const Flags& flags) {
  const auto seed = static_cast<uint64_t>(flags.seed);
  Network net = StartNetwork(flags.network, ParseShape(flags.input), flags.classes, seed);
  const GradientCheckOptions options{flags.batch, flags.samples, seed, flags.each};
  GradientReport report = CheckGradients(net, options);
  if (flags.fast) {
    const GradientReport engine = CompareEngineGradients(net, options);
    report.rows.insert(report.rows.end(), engine.rows.begin(), engine.rows.end());
    report.passed = report.passed && engine.passed;
  }
  nlohmann::json rows = nlohmann::json::array();
  for (const GradientRow& row : report.rows) {
    if (flags.json) {
      rows.push_back(ToJson(row));
    } else {
      fmt::print("{:<44} {:>10.2e}  {}{}\n", row.tensor, row.error, row.passed ? "good" : "WRONG",
                 row.remark.empty() ? "" : "  " + row.remark);
    }
  }
  if (flags.json) {
    fmt::print("{}\n", nlohmann::json{{"passed", report.passed}, {"rows", rows}}.dump());
  } else {
    fmt::print("\n{}\n",
               report.passed ? "every gradient is right" : "some gradients are wrong: see the lines above");
  }
  return report.passed ? kGood : kCheckFailed;
}

}  // namespace

void AddGradcheck(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("gradcheck", "Prove the gradients of a network");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("network", flags->network,
                   "a name, a .json graph, a darknet .cfg, a model file or a run folder")
      ->required();
  command->add_option("--input", flags->input, "CxHxW [3x32x32]");
  command->add_option("--classes", flags->classes, "[10]");
  command->add_option("--batch", flags->batch, "images [2]")->check(CLI::Range(2, 1024));
  command->add_option("--samples", flags->samples, "single entries looked at where a tensor fails [20]");
  command->add_option("--seed", flags->seed, "of weights, images and directions [1]");
  command->add_flag("--each", flags->each, "check each tensor alone, though all of them are right together");
  command->add_flag("--fast", flags->fast, "also hold the engine's gradients to the reference");
  command->add_flag("--json", flags->json, "one line of JSON");
  command->callback([&action, flags] { action = [flags] { return RunGradcheck(*flags); }; });
}

}  // namespace fovea
