// A command of the tool: adds itself to the parser and runs when chosen. One file per command; main.cc has
// the table.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace fovea {

// Exit codes: part of the contract, docs/conventions.md.
enum ExitCode {
  kGood = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kBadInput = 3,
  kIo = 4,
  kDiverged = 5,
  kStoppedBySignal = 128,  // plus the signal's number
};

// What a chosen command does; returns the exit code.
using Action = std::function<int()>;

void AddTrain(CLI::App& app, Action& action);
void AddPredict(CLI::App& app, Action& action);
void AddData(CLI::App& app, Action& action);
void AddBench(CLI::App& app, Action& action);
void AddEval(CLI::App& app, Action& action);
void AddSummary(CLI::App& app, Action& action);
void AddGradcheck(CLI::App& app, Action& action);
void AddDoctor(CLI::App& app, Action& action);

// The flag --numerics; `numerics` stays as it is when it is not given.
inline void AddNumerics(CLI::App& command, std::string& numerics, const std::string& otherwise = "[fast]") {
  command
      .add_option("--numerics", numerics,
                  "fast, or direct: no algorithm that rounds differently " + otherwise)
      ->check(CLI::IsMember({"fast", "direct"}));
}

// The flag --tta of a command that is given a model or a run folder.
inline void AddViews(CLI::App& command, std::string& views) {
  command.add_option(
      "--tta", views,
      "average the scores of several views of an image: none, mirror, mirror+shift [none]; a run folder "
      "knows its own");
}

}  // namespace fovea
