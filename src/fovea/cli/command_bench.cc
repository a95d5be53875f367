#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/base/measure.h"
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
    "  fovea bench resnet18 --batch 128 --memory low\n"
    "  fovea bench mobilenet_v2 --input 3x224x224 --batch 1 --mode infer --threads 1 --json";

struct Flags {
  std::string network, input = "3x32x32", mode = "train", memory = "normal";
  int64_t batch = 64, classes = 10;
  double seconds = 5;
  int threads = 0;
  ArithmeticFlags arithmetic;
  bool json = false;
};

struct Measurement {
  RunTimes times;
  std::vector<StepInfo> steps;
  double peak_gflops = 0, peak_gbs = 0;
  double idle_mib = 0, peak_mib = 0;  // of the process: before it made the network, and at most
};

// What the machine could do, once the network has been measured: the probes take memory of their own.
void Probe(ThreadPool& pool, Measurement& m) {
  m.peak_mib = ReadProcessMemory().peak_mib;
  m.peak_gflops = ProbePeak(pool, 50);
  m.peak_gbs = ProbeBandwidth(pool, 5);
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
  config.batch = flags.batch, config.threads = flags.threads, config.memory = flags.memory;
  flags.arithmetic.LayOver(config);
  config.lr = 1e-6, config.schedule = "constant", config.warmup = 0, config.epochs = 1000000;
  TrainingStep step(config, 1, network, nullptr, true);
  const Batch batch = RandomBatch(network, flags.batch);
  Measurement m;
  int64_t t = 0;
  m.times = MeasureRuns(flags.seconds, [&] {
    t++;
    step.Run(batch, {{1, Purpose::kDropout, 0}, batch.samples}, t);
  });
  m.steps = step.Steps();
  ThreadPool pool(step.threads());
  Probe(pool, m);
  return m;
}

Measurement Infer(const Flags& flags, Network& network) {
  Program program(network, {.max_batch = flags.batch,
                            .threads = flags.threads,
                            .arithmetic = ArithmeticFor(flags.arithmetic),
                            .profile = true});
  const Batch batch = RandomBatch(network, flags.batch);
  Measurement m;
  m.times = MeasureRuns(flags.seconds, [&] { program.Forward(batch.images); });
  m.steps = program.Steps();
  Probe(program.pool(), m);
  return m;
}

// Of one run: what its layers are as sums, whatever the method, and what must move between memory and the processor.
struct Work {
  double gflop = 0, gbyte = 0;
};
Work WorkOf(const StepInfo& step, int64_t batch) {
  const int64_t multiply_adds = step.multiply_adds + step.backward_multiply_adds;
  return {static_cast<double>(2 * multiply_adds * batch) / 1e9,
          static_cast<double>(step.forward_bytes + step.backward_bytes) / 1e9};
}
Work WorkOf(const Measurement& m, int64_t batch) {
  Work sum;
  for (const StepInfo& step : m.steps) {
    const Work work = WorkOf(step, batch);
    sum.gflop += work.gflop, sum.gbyte += work.gbyte;
  }
  return sum;
}

// Of one run; the warm-up counts among the runs of a step.
struct Row {
  double milliseconds, gflops, gbs;
};
Row RowOf(const StepInfo& step, const Measurement& m, int64_t batch) {
  const double seconds =
      (step.forward_seconds + step.backward_seconds) / static_cast<double>(m.times.runs + 1);
  const Work work = WorkOf(step, batch);
  return {1e3 * seconds, seconds > 0 ? work.gflop / seconds : 0, seconds > 0 ? work.gbyte / seconds : 0};
}

// Whichever limit of the machine the step is nearer to.
std::string RateOf(const Row& row, const Measurement& m) {
  const double arithmetic = row.gflops / m.peak_gflops, memory = row.gbs / m.peak_gbs;
  if (std::max(arithmetic, memory) == 0) return "";
  return arithmetic >= memory
             ? fmt::format("{:8.1f} GFLOP/s {:5.0f} % of the peak", row.gflops, 100 * arithmetic)
             : fmt::format("{:8.1f} GB/s    {:5.0f} % of the bandwidth", row.gbs, 100 * memory);
}

void PrintJson(const Measurement& m, int64_t batch) {
  nlohmann::json layers = nlohmann::json::array();
  for (const StepInfo& step : m.steps) {
    const Row row = RowOf(step, m, batch);
    layers.push_back({{"name", step.nodes},
                      {"step", step.step},
                      {"milliseconds", row.milliseconds},
                      {"gflops", row.gflops},
                      {"gbs", row.gbs}});
  }
  const Work work = WorkOf(m, batch);
  fmt::print("{}\n",
             nlohmann::json{{"images_per_second", static_cast<double>(batch) / m.times.median_seconds},
                            {"milliseconds", 1e3 * m.times.median_seconds},
                            {"gflop", work.gflop},
                            {"gbyte", work.gbyte},
                            {"idle_mib", m.idle_mib},
                            {"peak_mib", m.peak_mib},
                            {"peak_gflops", m.peak_gflops},
                            {"peak_gbs", m.peak_gbs},
                            {"runs", m.times.runs},
                            {"layers", layers}}
                 .dump());
}

void Print(const Measurement& m, int64_t batch) {
  fmt::print("{:<44} {:<22} {:>9}\n", "layer", "step", "ms");
  for (const StepInfo& step : m.steps) {
    const Row row = RowOf(step, m, batch);
    fmt::print("{:<44} {:<22} {:9.3f} {}\n", step.nodes, step.step, row.milliseconds, RateOf(row, m));
  }
  const Work work = WorkOf(m, batch);
  const double seconds = m.times.median_seconds, rate = work.gflop / seconds;
  fmt::print(
      "\n{:.1f} images/s: {:.3f} ms a run of {} images (median of {}), {:.1f} GFLOP/s: {:.0f} % of the "
      "{:.0f} probed\n",
      static_cast<double>(batch) / seconds, 1e3 * seconds, batch, m.times.runs, rate,
      100 * rate / m.peak_gflops, m.peak_gflops);
  fmt::print("at least {:.1f} MB moved a run; copies past the caches reach {:.1f} GB/s\n", 1e3 * work.gbyte,
             m.peak_gbs);
  fmt::print("at most {:.0f} MiB of memory, {:.0f} MiB before the network was made\n", m.peak_mib,
             m.idle_mib);
}

int RunBench(const Flags& flags) {
  const double idle_mib = ReadProcessMemory().resident_mib;
  Network network = StartNetwork(flags.network, ParseShape(flags.input), flags.classes, 1);
  Measurement m = flags.mode == "train" ? Train(flags, network) : Infer(flags, network);
  m.idle_mib = idle_mib;
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
  command->add_option("--seconds", flags->seconds, "how long to measure [5]")->check(Within(0, 3600));
  command->add_option("--threads", flags->threads, "0: all processors")->check(CLI::Range(0, 1024));
  AddArithmetic(*command, flags->arithmetic);
  AddMemory(*command, flags->memory);
  command->add_flag("--json", flags->json, "one line of JSON");
  command->callback([&action, flags] { action = [flags] { return RunBench(*flags); }; });
}

}  // namespace fovea
