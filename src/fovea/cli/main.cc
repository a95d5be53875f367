#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"
#include "fovea/cli/command.h"
#include "fovea/version.h"

namespace fovea {
namespace {

constexpr const char* kIntroduction =
    "Fovea trains and runs convolutional networks on the CPU you already have.\n\n"
    "Try:\n"
    "  fovea train --data glyphs --network glyphnet --out runs/first   train on the built-in digits\n"
    "  fovea summary resnet20 --input 3x32x32                          look at a network\n"
    "  fovea COMMAND --help                                            examples for each command";

int Fail(int code, const std::string& message) {
  fmt::print(stderr, "fovea: {}\n", message);
  return code;
}

// What was printed must have reached its reader: a full disk is found out when the buffer is flushed.
int Flushed(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  return Fail(kIo, fmt::format("cannot write the output: {}", std::strerror(errno)));
}

// Exit codes by the class of the error.
int RunAction(const Action& action) {
  try {
    return Flushed(action());
  } catch (const ArgumentError& error) {
    return Fail(kUsage, error.what());
  } catch (const DivergedError& error) {
    return Fail(kDiverged, error.what());
  } catch (const IoError& error) {
    return Fail(kIo, error.what());
  } catch (const Error& error) {
    return Fail(kBadInput, error.what());
  } catch (const std::bad_alloc&) {
    return Fail(kIo, "not enough memory; use a smaller --batch");
  } catch (const std::exception& error) {
    return Fail(kIo, error.what());
  }
}

// CLI11 says which word it did not expect; this adds the nearest known one.
std::string UsageMessage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::string message = error.what();
  std::vector<std::string> words;
  const auto subcommands = app.get_subcommands();
  const CLI::App& asked = subcommands.empty() ? app : *subcommands.front();
  for (const CLI::Option* option : asked.get_options()) {
    if (!option->get_lnames().empty()) words.push_back("--" + option->get_lnames().front());
  }
  if (subcommands.empty()) {
    for (const CLI::App* command : app.get_subcommands({})) words.push_back(command->get_name());
  }
  if (subcommands.empty() && argc > 1 && argv[1][0] != '-') {
    return fmt::format("there is no command \"{}\"{}", argv[1], DidYouMean(argv[1], words));
  }
  for (int i = 1; i < argc; i++) {
    std::string word = argv[i];
    if (!word.starts_with("--")) continue;
    word = word.substr(0, word.find('='));
    const bool listed = std::find(words.begin(), words.end(), word) != words.end();
    const bool command = !subcommands.empty() && word == subcommands.front()->get_name();
    if (!listed && !command && message.find(word) != std::string::npos)
      return message + DidYouMean(word, words);
  }
  return message;
}

int Main(int argc, char** argv) {
  CLI::App app(kIntroduction, "fovea");
  app.set_version_flag("--version", "fovea " FOVEA_VERSION);
  app.require_subcommand(1);
  Action action;
  AddTrain(app, action);
  AddPredict(app, action);
  AddEval(app, action);
  AddData(app, action);
  AddSummary(app, action);
  AddBench(app, action);
  AddConvert(app, action);
  AddInspect(app, action);
  AddRun(app, action);
  AddVerify(app, action);
  AddGradcheck(app, action);
  AddDoctor(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return Flushed(app.exit(help));
  } catch (const CLI::ParseError& error) {
    if (argc == 1) {
      fmt::print("{}", app.help());
      return kUsage;
    }
    return Fail(kUsage, UsageMessage(app, error, argc, argv) + "\nfovea --help shows the way");
  } catch (const Error& error) {
    return Fail(kUsage, error.what());
  }
  return RunAction(action);
}

}  // namespace
}  // namespace fovea

int main(int argc, char** argv) { return fovea::Main(argc, argv); }
