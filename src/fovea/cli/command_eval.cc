#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/data/split.h"
#include "fovea/formats/registry.h"
#include "fovea/train/evaluate.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/scores.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Count how many images of a data set a model gets right.\n\n"
    "Examples:\n"
    "  fovea eval runs/first --data glyphs\n"
    "  fovea eval runs/cifar/last.safetensors --data cifar10:data --split train --json";

struct Flags {
  std::string model, data, split = "test";
  int64_t batch = 100, seed = 1;
  double val = 0.1;
  int threads = 0;
  ArithmeticFlags arithmetic;
  std::string tta;
  bool json = false;
};

// A run knows which images it held back.
void TakeSplit(Flags& flags) {
  if (const auto config = ConfigOfRun(flags.model)) flags.val = config->val, flags.seed = config->seed;
}

// The share of each class that was recognised, for the classes that the data have.
std::vector<std::pair<std::string, double>> PerClass(const std::vector<std::string>& classes,
                                                     const Evaluation& result) {
  std::vector<std::pair<std::string, double>> shares;
  for (std::size_t c = 0; c < std::min(classes.size(), result.confusion.size()); c++) {
    const auto& row = result.confusion[c];
    const auto total = std::accumulate(row.begin(), row.end(), int64_t{0});
    if (total > 0) shares.emplace_back(classes[c], static_cast<double>(row[c]) / static_cast<double>(total));
  }
  return shares;
}

nlohmann::json ToJson(const std::vector<std::string>& classes, const Evaluation& result) {
  nlohmann::json per_class = nlohmann::json::object();
  for (const auto& [name, share] : PerClass(classes, result)) per_class[name] = share;
  return {{"correct", result.correct}, {"total", result.total}, {"top1", result.Accuracy()},
          {"top5", result.TopFive()},  {"loss", result.loss},   {"per_class", per_class}};
}

int RunEval(Flags flags) {
  TakeSplit(flags);
  Model model = LoadAnyModel(FindModel(flags.model));
  EndAtScores(model.network);
  const auto data = OpenDataset(flags.data, {.size = model.network.InputShape(1)[2]});
  const Split split = flags.split == "test" ? Split::kTest : Split::kTrain;
  std::vector<int64_t> indices = AllIndices(*data, split);
  if (split == Split::kTrain) {
    TrainSplit parts = SplitTraining(*data, flags.val, static_cast<uint64_t>(flags.seed));
    indices = flags.split == "val" ? parts.validation : parts.train;
  }
  if (indices.empty())
    throw ArgumentError(fmt::format("the {} split of {} is empty", flags.split, flags.data));
  const Evaluation result = Evaluate(model, *data, split, indices,
                                     {.batch = flags.batch,
                                      .threads = flags.threads,
                                      .arithmetic = ArithmeticFor(flags.arithmetic, flags.model),
                                      .views = ViewsFor(flags.tta, flags.model)});
  if (flags.json) {
    fmt::print("{}\n", ToJson(model.classes, result).dump());
  } else {
    fmt::print("{} of {} right: accuracy {:.2f} %, among the best five {:.2f} %, loss {:.4f}\n",
               result.correct, result.total, 100 * result.Accuracy(), 100 * result.TopFive(), result.loss);
    for (const auto& [name, share] : PerClass(model.classes, result))
      fmt::print("  {:<20} {:6.2f} %\n", name, 100 * share);
  }
  return kGood;
}

}  // namespace

void AddEval(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("eval", "Measure a model on a data set");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("model", flags->model, "model file or run folder")->required();
  command->add_option("--data", flags->data, "KIND[:PATH]")->required();
  command->add_option("--split", flags->split, "train, val or test [test]")
      ->check(CLI::IsMember({"train", "val", "test"}));
  command->add_option("--val", flags->val, "share held back for validation [0.1]; a run folder knows its own")
      ->check(Within(0, 0.9));
  command->add_option("--seed", flags->seed, "which chose the split [1]; a run folder knows its own");
  command->add_option("--batch", flags->batch, "images at a time [100]")->check(CLI::Range(1, 65536));
  command->add_option("--threads", flags->threads, "0: all processors")->check(CLI::Range(0, 1024));
  AddArithmetic(*command, flags->arithmetic, true);
  AddViews(*command, flags->tta);
  command->add_flag("--json", flags->json, "one line of JSON");
  command->callback([&action, flags] { action = [flags] { return RunEval(*flags); }; });
}

}  // namespace fovea
