#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/cli/progress.h"
#include "fovea/report/report.h"
#include "fovea/train/trainer.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "set in a signal handler");

constexpr const char* kHelp =
    "Train a network and leave everything about the run in one folder.\n\n"
    "Examples:\n"
    "  fovea train --data glyphs --network glyphnet --out runs/first\n"
    "  fovea train --data cifar10:data/cifar-10-batches-bin --network resnet20 --epochs 30 \\\n"
    "              --batch 128 --crop 4 --flip --out runs/cifar\n"
    "  fovea train --config my.toml --lr 0.05 --out runs/other      flags win over the file\n"
    "  fovea train --resume runs/cifar                              go on where it stopped\n\n"
    "Ctrl-C saves and says how to go on.";

// The flags as text, turned into typed values by the names of TrainConfig.
struct Flags {
  std::string config, resume;
  HyperList values;
};

double ShareOf(const std::string& text) {
  if (text == "none") return 0;
  double share = 0;
  if (CLI::detail::lexical_cast(text, share)) return share;
  throw ArgumentError(fmt::format("--val is \"{}\"; give a share such as 0.1, or none", text));
}

void AddFlag(CLI::App& command, const std::shared_ptr<Flags>& flags, const Hyper& hyper,
             const std::string& help) {
  std::string name = hyper.name;
  std::replace(name.begin(), name.end(), '_', '-');
  const auto set = [flags, key = hyper.name](HyperValue value) {
    flags->values.push_back({key, std::move(value)});
  };
  const std::string text = fmt::format("{} [{}]", help, ToString(hyper.value));
  const std::string flag = "--" + name;
  CLI::Option* option = nullptr;
  if (std::holds_alternative<bool>(hyper.value)) {
    option = command.add_flag_function(
        fmt::format("{0},!--no-{1}", flag, name), [set](int64_t v) { set(v > 0); }, text);
  } else if (hyper.name == "val") {
    option = command.add_option_function<std::string>(
        flag, [set](const std::string& v) { set(ShareOf(v)); }, text);
  } else if (hyper.name == "flip") {  // --flip alone comes as an empty text
    option = command.add_option_function<std::string>(
        flag, [set](const std::string& v) { set(v.empty() ? "random" : v); }, text);
    option->expected(0, 1);
  } else if (std::holds_alternative<std::vector<std::string>>(hyper.value)) {
    command.add_option_function<std::vector<std::string>>(flag, set, text);
    return;
  } else if (std::holds_alternative<int64_t>(hyper.value)) {
    option = command.add_option_function<int64_t>(
        flag, [set](int64_t v) { set(v); }, text);
  } else if (std::holds_alternative<double>(hyper.value)) {
    option = command.add_option_function<double>(
        flag, [set](double v) { set(v); }, text);
  } else {
    option = command.add_option_function<std::string>(
        flag, [set](const std::string& v) { set(v); }, text);
  }
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::string HelpOf(const std::string& name) {
  static const std::map<std::string, std::string> kTexts = {
      {"data",
       "glyphs, or KIND:PATH: folder (photos by class), cifar10, cifar100, mnist, fashion_mnist, idx; or a "
       "darknet file "
       "NAME.data: classes, train, valid, labels"},
      {"network",
       "a name (fovea summary --help lists them), a .json graph, a darknet .cfg, or a model or run to start "
       "from"},
      {"classes", "outputs of the network; 0: one for each class of the data"},
      {"out", "run folder to make [runs/DATA-NETWORK]"},
      {"epochs", "passes over the training images"},
      {"max_steps", "stop early after so many steps; 0: never"},
      {"batch", "images a step"},
      {"lr",
       "largest learning rate; 0: for SGD 0.1 with batch norm and 0.02 without, for Muon 0.02, for Adagrad "
       "0.01, for others 0.001"},
      {"schedule", "constant, cosine, one_cycle, polynomial, step, multi_step"},
      {"warmup", "share of the steps in which the rate rises; -1: 0.25 for one_cycle, else 0.02"},
      {"power", "of the polynomial schedule"},
      {"gamma", "factor of the step and multi_step schedules"},
      {"step_every", "epochs between two steps of the step schedule"},
      {"milestones", "epochs at which multi_step falls, as in 60,120"},
      {"optimizer", "sgd, adagrad, adam, adamw, muon, rmsprop"},
      {"momentum", "of SGD, Muon and RMSProp"},
      {"nesterov", "look ahead along the momentum"},
      {"weight_decay", "on weights, not on biases and norms"},
      {"beta1", "of Adam: memory of the mean"},
      {"beta2", "of Adam: memory of the square"},
      {"alpha", "of RMSProp: memory of the square"},
      {"eps", "of Adagrad, Adam and RMSProp"},
      {"eps_uncorrected", "of Adam: eps before the correction of bias, as in TensorFlow"},
      {"lr_decay", "of Adagrad: the rate is divided by 1 + steps * this"},
      {"renormalise", "of Muon: keep the rows of a weight at norm 1 in the mean"},
      {"newton_schulz", "of Muon: steps that make its update orthogonal"},
      {"groups",
       "parameters that learn in a way of their own, a text each: a pattern of names and settings, as in "
       "'fc.* lr=0.01' or, frozen, '*.bn.weight epochs=0'"},
      {"clip_norm", "scale the gradient down to this norm; 0: never"},
      {"accumulate",
       "pieces in which a batch is run, for less memory; without batch norm the bits stay the same"},
      {"ema", "keep a moving average of the weights with this decay, and test it; 0: none"},
      {"label_smoothing", "share of each label spread over all classes"},
      {"crop", "random crops from so many pixels of padding"},
      {"crop_padding", "what a crop shows beyond the edge: zero, or reflect"},
      {"flip",
       "mirror images: none; random, half of them in each epoch; alternate, the same half in every other "
       "epoch and the others in between; --flip alone is random"},
      {"cutout", "blank a random square of this side"},
      {"jitter", "change brightness, contrast and saturation by up to this share"},
      {"mixup", "blend pairs of images, shares from beta(X, X); 0: never"},
      {"cutmix", "paste a part of another image, shares from beta(X, X); 0: never"},
      {"size", "side to which photos are brought; 0: from the photos"},
      {"on_bad", "photos that cannot be read: fail, or skip them"},
      {"val", "share of the training images held back to choose the best weights, or none"},
      {"tta", "average the scores of several views of each test image: none, mirror, mirror+shift"},
      {"seed", "of everything random"},
      {"numerics", "fast, or direct: no algorithm that rounds differently (Winograd's convolution)"},
      {"precision",
       "f32, or bf16: convolutions multiply numbers of 8 bits; fast on processors with AMX or AVX512_BF16"},
      {"memory",
       "normal, or low: up to a quarter less, because what is quickly made again is not kept; the same bits "
       "in a little more time"},
      {"threads", "0: all processors; any number gives the same bits"},
      {"save_every", "steps between checkpoints; 0: every epoch"}};
  return kTexts.at(name);
}

// runs/glyphs-glyphnet, runs/glyphs-glyphnet-2, ...
std::string FreeFolder(const TrainConfig& config) {
  const std::string name =
      fmt::format("runs/{}-{}", fs::path(config.data.substr(0, config.data.find(':'))).stem().string(),
                  fs::path(config.network.substr(0, config.network.find(':'))).stem().string());
  std::string folder = name;
  for (int i = 2; fs::exists(folder); i++) folder = fmt::format("{}-{}", name, i);
  return folder;
}

TrainConfig ConfigOf(const Flags& flags) {
  HyperList values;
  if (!flags.resume.empty()) values = ReadToml(flags.resume + "/config.toml");
  const TrainConfig run = ConfigFrom(values);
  if (!flags.config.empty()) {
    const HyperList file = ReadToml(flags.config);
    values.insert(values.end(), file.begin(), file.end());
  }
  values.insert(values.end(), flags.values.begin(), flags.values.end());
  TrainConfig config = ConfigFrom(values);
  if (!flags.resume.empty()) {
    if (config.out == run.out) config.out = flags.resume;
    const auto changed = ForbiddenChanges(run, config);
    if (!changed.empty()) {
      throw ArgumentError(fmt::format("--resume goes on with the settings of {}; \"{}\" may not change",
                                      flags.resume, changed.front()));
    }
    if (config.epochs < run.epochs)
      throw ArgumentError("--resume may move the end of a run later, not earlier");
  }
  if (config.out.empty()) config.out = FreeFolder(config);
  return config;
}

// A run may go on in a new folder: --resume RUN --out NEW.
void CopyRun(const std::string& from, const std::string& to) {
  if (fs::weakly_canonical(from) == fs::weakly_canonical(to)) return;
  if (fs::exists(to)) {
    throw ArgumentError(
        fmt::format("{} is there already; a run goes on in its own folder or in a new one", to));
  }
  fs::create_directories(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

int RunTrain(const Flags& flags) {
  const TrainConfig config = ConfigOf(flags);
  if (!flags.resume.empty()) CopyRun(flags.resume, config.out);
  for (const int number : {SIGINT, SIGTERM}) {
    std::signal(number, [](int signal) {
      stop_signal = signal;
      std::signal(signal, SIG_DFL);  // a second one ends the program at once
    });
  }
  Progress progress;
  TrainOutcome outcome;
  try {
    outcome = Train(config, !flags.resume.empty(), progress, stop_signal);
  } catch (const DivergedError&) {
    WriteReport(config.out);
    throw;
  }
  WriteReport(config.out);
  if (outcome.stopped) {
    fmt::print("\nstopped and saved at step {}; go on with\n  fovea train --resume {}\n", outcome.step,
               config.out);
    return kStoppedBySignal + stop_signal;
  }
  fmt::print("test accuracy {:.2f} % ({} of {} right, {} weights) after {:.0f} s\nreport: {}/report.html\n",
             100 * outcome.test.Accuracy(), outcome.test.correct, outcome.test.total, outcome.weights,
             outcome.seconds, config.out);
  return kGood;
}

}  // namespace

void AddTrain(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("train", "Train a network");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  for (const Hyper& hyper : ListHyper(TrainConfig())) AddFlag(*command, flags, hyper, HelpOf(hyper.name));
  command->add_option("--config", flags->config, "TOML file with any of these names");
  command->add_option("--resume", flags->resume, "run folder to go on with");
  command->callback([&action, flags] { action = [flags] { return RunTrain(*flags); }; });
}

}  // namespace fovea
