#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/cli/command.h"
#include "fovea/kernels/peak.h"
#include "fovea/train/start_network.h"
#include "fovea/train/training_step.h"

namespace fovea {
namespace {

constexpr const char* kHelp =
    "Measure a network on this machine, layer by layer.\n\n"
    "Examples:\n"
    "  fovea bench resnet18 --input 3x32x32 --batch 128 --mode train\n"
    "  fovea bench mobilenet_v2 --input 3x224x224 --batch 1 --mode infer --threads 1 --json";

struct Flags {
  std::string network, input = "3x32x32", mode = "train";
  int64_t batch = 64, classes = 10;
  double seconds = 5;
  int threads = 0;
  std::string numerics;
  bool json = false;
};

struct Measurement {
  double seconds = 0;  // median of a run
  int64_t runs = 0;
  std::vector<StepInfo> steps;
  double peak_gflops = 0;
};

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Runs for about so many seconds, at least five times, after a run that warms up.
Measurement Measure(double seconds, const std::function<void()>& run) {
  run();
  std::vector<double> times;
  for (const double end = Now() + seconds; Now() < end || times.size() < 5;) {
    const double start = Now();
    run();
    times.push_back(Now() - start);
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return {times[times.size() / 2], static_cast<int64_t>(times.size()), {}, 0};
}

Batch RandomBatch(const Network& network, int64_t n) {
  Batch batch;
  batch.images = Tensor<float>(network.InputShape(n));
  RandomStream random({1, Purpose::kTest}, 0);
  for (float& v : batch.images.values()) v = static_cast<float>(random.Normal());
  const auto classes = static_cast<uint32_t>(network.OutputShape(1)[1]);
  for (int64_t i = 0; i < n; i++) {
    batch.samples.push_back(i);
    batch.labels.push_back(static_cast<int32_t>(random.Below(classes)));
  }
  return batch;
}

Measurement Train(const Flags& flags, Network& network) {
  TrainConfig config;
  config.batch = flags.batch, config.threads = flags.threads;
  if (!flags.numerics.empty()) config.numerics = flags.numerics;
  config.lr = 1e-6, config.schedule = "constant", config.warmup = 0, config.epochs = 1000000;
  TrainingStep step(config, 1, network, nullptr, true);
  const Batch batch = RandomBatch(network, flags.batch);
  int64_t t = 0;
  Measurement m = Measure(flags.seconds, [&] {
    t++;
    step.Run(batch, {{1, Purpose::kDropout, 0}, batch.samples}, t);
  });
  m.steps = step.Steps();
  ThreadPool pool(step.threads());
  m.peak_gflops = ProbePeak(pool, 50);
  return m;
}

Measurement Infer(const Flags& flags, Network& network) {
  Program program(network, {.max_batch = flags.batch,
                            .threads = flags.threads,
                            .numerics = NumericsOf(flags.numerics),
                            .profile = true});
  const Batch batch = RandomBatch(network, flags.batch);
  Measurement m = Measure(flags.seconds, [&] { program.Forward(batch.images); });
  m.steps = program.Steps();
  m.peak_gflops = ProbePeak(program.pool(), 50);
  return m;
}

double PeakMib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Of one run; the warm-up counts among the runs of a step. The backward pass multiplies twice as often.
struct Row {
  double milliseconds, gflops;
};
Row RowOf(const StepInfo& step, const Measurement& m, int64_t batch) {
  const double seconds = (step.forward_seconds + step.backward_seconds) / static_cast<double>(m.runs + 1);
  const double passes = step.backward_seconds > 0 ? 3 : 1;
  const double flop = 2 * passes * static_cast<double>(step.multiply_adds * batch);
  return {1e3 * seconds, seconds > 0 ? flop / seconds / 1e9 : 0};
}

void PrintJson(const Measurement& m, int64_t batch) {
  nlohmann::json layers = nlohmann::json::array();
  for (const StepInfo& step : m.steps) {
    const Row row = RowOf(step, m, batch);
    layers.push_back({{"name", step.nodes},
                      {"step", step.step},
                      {"milliseconds", row.milliseconds},
                      {"gflops", row.gflops}});
  }
  fmt::print("{}\n", nlohmann::json{{"images_per_second", static_cast<double>(batch) / m.seconds},
                                    {"milliseconds", 1e3 * m.seconds},
                                    {"peak_mib", PeakMib()},
                                    {"peak_gflops", m.peak_gflops},
                                    {"runs", m.runs},
                                    {"layers", layers}}
                         .dump());
}

void Print(const Measurement& m, int64_t batch) {
  fmt::print("{:<44} {:<22} {:>9} {:>9} {:>7}\n", "layer", "step", "ms", "GFLOP/s", "peak");
  for (const StepInfo& step : m.steps) {
    const Row row = RowOf(step, m, batch);
    const std::string rate =
        row.gflops > 0 ? fmt::format("{:9.1f} {:5.0f} %", row.gflops, 100 * row.gflops / m.peak_gflops) : "";
    fmt::print("{:<44} {:<22} {:9.3f} {}\n", step.nodes, step.step, row.milliseconds, rate);
  }
  fmt::print(
      "\n{:.1f} images/s: {:.3f} ms a run of {} images (median of {}), at most {:.0f} MiB; the machine's "
      "peak is "
      "{:.0f} GFLOP/s\n",
      static_cast<double>(batch) / m.seconds, 1e3 * m.seconds, batch, m.runs, PeakMib(), m.peak_gflops);
}

int RunBench(const Flags& flags) {
  Network network = StartNetwork(flags.network, ParseShape(flags.input), flags.classes, 1);
  const Measurement m = flags.mode == "train" ? Train(flags, network) : Infer(flags, network);
  if (flags.json) {
    PrintJson(m, flags.batch);
  } else {
    Print(m, flags.batch);
  }
  return kGood;
}

}  // namespace

void AddBench(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("bench", "Measure a network on this machine");
  command->description(kHelp);
  auto flags = std::make_shared<Flags>();
  command->add_option("network", flags->network, "name of a network, model file or run folder")->required();
  command->add_option("--input", flags->input, "CxHxW [3x32x32]");
  command->add_option("--classes", flags->classes, "[10]")->check(CLI::Range(1, 1000000));
  command->add_option("--batch", flags->batch, "images a run [64]")->check(CLI::Range(1, 65536));
  command->add_option("--mode", flags->mode, "train or infer [train]")
      ->check(CLI::IsMember({"train", "infer"}));
  command->add_option("--seconds", flags->seconds, "how long to measure [5]")->check(CLI::Range(0.0, 3600.0));
  command->add_option("--threads", flags->threads, "0: all processors")->check(CLI::Range(0, 1024));
  AddNumerics(*command, flags->numerics);
  command->add_flag("--json", flags->json, "one line of JSON");
  command->callback([&action, flags] { action = [flags] { return RunBench(*flags); }; });
}

}  // namespace fovea
