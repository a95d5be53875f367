#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/cli/detection.h"
#include "fovea/cli/import_flags.h"
#include "fovea/formats/registry.h"
#include "fovea/train/predictor.h"
#include "fovea/train/run_folder.h"
#include "fovea/train/scores.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHelp =
    "Say what photos show: JPEG and PNG of any size.\n\n"
    "Examples:\n"
    "  fovea predict runs/pets cat.jpg dog.png\n"
    "  fovea predict runs/pets holiday/ --top 3            every photo below a folder\n"
    "  fovea predict runs/pets 'holiday/*.jpg' --csv > what.csv\n"
    "  fovea predict yolov3.weights street.jpg --names coco.names\n"
    "                                                    boxes of a darknet detector, yolov3.cfg beside it: "
    "class,\n"
    "                                                    probability, left, top, width, height in pixels";

struct Flags {
  std::string model;
  std::vector<std::string> photos;
  int64_t top = 1, batch = 16;
  int threads = 0;
  ArithmeticFlags arithmetic;
  std::string tta;
  bool json = false, csv = false;
  DetectionFlags detection;
  std::string cfg, epsilon;
  std::vector<std::string> given;  // the options of the command line

  // A flag that would do nothing is a mistake.
  void Refuse(const std::vector<std::string>& useless, const char* kind) const {
    for (const std::string& option : useless) {
      if (std::find(given.begin(), given.end(), option) != given.end())
        throw ArgumentError(fmt::format("{} does nothing for {}, which {} is", option, kind, model));
    }
  }
  PredictionForm Form() const {
    return json ? PredictionForm::kJson : csv ? PredictionForm::kCsv : PredictionForm::kText;
  }
};

std::vector<std::string> FilesBelow(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    std::error_code unreadable;
    if (entry.is_regular_file(unreadable) && !name.starts_with(".")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) throw IoError(fmt::format("{} holds no file", folder));
  return files;
}

// A pattern that the shell has not expanded.
std::vector<std::string> Matches(const std::string& pattern) {
  glob_t found{};
  const int state = glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (state != 0) throw IoError(fmt::format("no file is called {}", pattern));
  return files;
}

std::vector<std::string> FilesOf(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    std::error_code unreadable;  // told when the photo is opened
    const bool pattern = word.find_first_of("*?[") != std::string::npos && !fs::exists(word, unreadable);
    for (const std::string& file : pattern ? Matches(word) : std::vector<std::string>{word}) {
      const auto more =
          fs::is_directory(file, unreadable) ? FilesBelow(file) : std::vector<std::string>{file};
      files.insert(files.end(), more.begin(), more.end());
    }
  }
  return files;
}

void PrintJson(const PhotoPrediction& p, const std::vector<std::string>& classes) {
  nlohmann::json top = nlohmann::json::array();
  for (const ClassProbability& c : p.top) {
    top.push_back({{"class", classes[static_cast<std::size_t>(c.label)]}, {"probability", c.probability}});
  }
  nlohmann::json line{{"file", p.path}};
  if (p.error.empty()) {
    line["top"] = top;
  } else {
    line["error"] = p.error;
  }
  fmt::print("{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void PrintLine(const PhotoPrediction& p, const std::vector<std::string>& classes, bool csv) {
  if (!p.error.empty()) return;
  std::string line = csv ? QuotedForCsv(p.path) : p.path + " ";
  for (const ClassProbability& c : p.top) {
    const std::string& name = classes[static_cast<std::size_t>(c.label)];
    line += csv ? fmt::format(",{},{:.6f}", QuotedForCsv(name), c.probability)
                : fmt::format(" {} {:.1f} %", name, 100 * c.probability);
  }
  fmt::print("{}\n", line);
}

int RunPredict(const Flags& flags) {
  Model model = LoadAnyModel(FindModel(flags.model),
                             {.cfg = flags.cfg, .epsilon_outside_root = flags.epsilon == "outside"});
  const std::vector<std::string> files = FilesOf(flags.photos);
  if (!model.heads.empty()) {
    flags.Refuse({"--top", "--batch", "--tta"}, "a detector");
    const int failed = PrintDetections(model, flags.model, files, flags.detection, flags.threads,
                                       ArithmeticFor(flags.arithmetic, flags.model), flags.Form());
    return failed == 0 ? kGood : kBadInput;
  }
  flags.Refuse({"--threshold", "--nms", "--fit", "--names"}, "a classifier");
  EndAtScores(model.network);
  const auto outputs = static_cast<std::size_t>(model.network.OutputShape(1)[1]);
  for (std::size_t i = model.classes.size(); i < outputs; i++)
    model.classes.push_back(fmt::format("class {}", i));
  Predictor predictor(model, std::min(flags.batch, static_cast<int64_t>(files.size())), flags.threads,
                      ArithmeticFor(flags.arithmetic, flags.model), ViewsFor(flags.tta, flags.model));
  if (flags.csv) {
    fmt::print("file");
    for (int64_t i = 1; i <= std::min(flags.top, static_cast<int64_t>(outputs)); i++)
      fmt::print(",class_{0},probability_{0}", i);
    fmt::print("\n");
  }
  int failed = 0;
  for (const PhotoPrediction& p : predictor.Run(files, flags.top)) {
    if (!p.error.empty()) {
      failed++;
      fmt::print(stderr, "fovea: {}\n", p.error);
    }
    if (flags.json) {
      PrintJson(p, model.classes);
    } else {
      PrintLine(p, model.classes, flags.csv);
    }
  }
  return failed == 0 ? kGood : kBadInput;
}

}  // namespace

void AddPredict(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("predict", "Say what photos show");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("model", flags->model, "model file or run folder")->required();
  command->add_option("photos", flags->photos, "files, folders or patterns")->required();
  command->add_option("--top", flags->top, "how many classes for each photo [1]")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--batch", flags->batch, "photos at a time [16]")->check(CLI::Range(1, 4096));
  command->add_option("--threads", flags->threads, "0: all processors")->check(CLI::Range(0, 1024));
  AddArithmetic(*command, flags->arithmetic, true);
  AddViews(*command, flags->tta);
  flags->detection.AddTo(*command);
  command->add_option("--network", flags->cfg,
                      "of a .weights: the .cfg that describes it [NAME.cfg beside the model]");
  AddEpsilon(*command, flags->epsilon);
  auto* json = command->add_flag("--json", flags->json, "one line of JSON for each photo");
  command->add_flag("--csv", flags->csv, "a table with a header")->excludes(json);
  command->callback([&action, command, flags] {
    for (const CLI::Option* option : command->get_options()) {
      if (option->count() > 0) flags->given.push_back(option->get_name());
    }
    action = [flags] { return RunPredict(*flags); };
  });
}

}  // namespace fovea
