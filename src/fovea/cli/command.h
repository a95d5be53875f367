// A command of the tool: adds itself to the parser and runs when chosen. One file per command; main.cc has
// the table.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "fovea/train/run_folder.h"

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
void AddConvert(CLI::App& app, Action& action);
void AddInspect(CLI::App& app, Action& action);
void AddRun(CLI::App& app, Action& action);
void AddVerify(CLI::App& app, Action& action);
void AddDoctor(CLI::App& app, Action& action);

// Numbers of [low, high]; CLI::Range lets a NaN through.
inline CLI::Validator Within(double low, double high) {
  const std::string range = fmt::format("{:g} to {:g}", low, high);
  const auto check = [low, high, range](std::string& text) {
    double value = 0;
    const bool good = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
    return good ? std::string() : fmt::format("{} is not a number from {}", text, range);
  };
  return {check, range};
}

// The flags --numerics and --precision. Of a command that is given a model or a run folder `of_run`.
inline void AddArithmetic(CLI::App& command, ArithmeticFlags& flags, bool of_run = false) {
  const std::string known = of_run ? "; a run folder knows its own" : "";
  command
      .add_option("--numerics", flags.numerics,
                  "fast, or direct: no algorithm that rounds differently [fast]" + known)
      ->check(CLI::IsMember({"fast", "direct"}));
  command
      .add_option("--precision", flags.precision,
                  "f32, or bf16: convolutions multiply numbers of 8 bits; fast on processors with AMX or "
                  "AVX512_BF16 [f32]" +
                      known)
      ->check(CLI::IsMember({"f32", "bf16"}));
}

inline void AddMemory(CLI::App& command, std::string& memory) {
  command.add_option("--memory", memory, "of training: normal, or low, as fovea train has it [normal]")
      ->check(CLI::IsMember({"normal", "low"}));
}

// The flag --tta of a command that is given a model or a run folder.
inline void AddViews(CLI::App& command, std::string& views) {
  command.add_option(
      "--tta", views,
      "average the scores of several views of an image: none, mirror, mirror+shift [none]; a run folder "
      "knows its own");
}

}  // namespace fovea
