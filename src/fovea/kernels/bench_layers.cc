#include "fovea/kernels/bench_layers.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <list>
#include <utility>

#include "fovea/base/measure.h"

namespace fovea {
namespace {

constexpr BenchLayer kLayers[] = {
    {.n = 16, .c = 3, .k = 64, .map = 224, .kernel = 7, .stride = 2},
    {.n = 16, .c = 64, .k = 64, .map = 56, .kernel = 1},
    {.n = 16, .c = 64, .k = 256, .map = 56, .kernel = 1},
    {.n = 16, .c = 256, .k = 64, .map = 56, .kernel = 1},
    {.n = 16, .c = 128, .k = 512, .map = 28, .kernel = 1},
    {.n = 16, .c = 512, .k = 256, .map = 28, .kernel = 1},
    {.n = 16, .c = 1024, .k = 256, .map = 14, .kernel = 1},
    {.n = 16, .c = 512, .k = 2048, .map = 7, .kernel = 1},
    {.n = 16, .c = 64, .k = 64, .map = 56, .kernel = 3},
    {.n = 16, .c = 128, .k = 128, .map = 28, .kernel = 3},
    {.n = 16, .c = 256, .k = 256, .map = 14, .kernel = 3},
    {.n = 16, .c = 512, .k = 512, .map = 7, .kernel = 3},
    {.n = 16, .c = 128, .k = 128, .map = 56, .kernel = 3, .stride = 2},
    {.n = 16, .c = 256, .k = 256, .map = 28, .kernel = 3, .stride = 2},
    {.n = 16, .c = 512, .k = 512, .map = 14, .kernel = 3, .stride = 2},
    {.n = 16, .c = 256, .k = 512, .map = 56, .kernel = 1, .stride = 2},
    {.n = 4, .c = 3, .k = 64, .map = 224, .kernel = 3},
    {.n = 4, .c = 64, .k = 128, .map = 112, .kernel = 3},
    {.n = 4, .c = 128, .k = 256, .map = 56, .kernel = 3},
    {.n = 4, .c = 256, .k = 512, .map = 28, .kernel = 3},
    {.n = 4, .c = 512, .k = 512, .map = 14, .kernel = 3},
    {.n = 128, .c = 3, .k = 64, .map = 32, .kernel = 3},
    {.n = 128, .c = 16, .k = 16, .map = 32, .kernel = 3},
    {.n = 128, .c = 64, .k = 64, .map = 32, .kernel = 3},
    {.n = 128, .c = 128, .k = 128, .map = 16, .kernel = 3},
    {.n = 128, .c = 256, .k = 256, .map = 8, .kernel = 3},
    {.n = 128, .c = 512, .k = 512, .map = 4, .kernel = 3},
    {.n = 128, .c = 64, .k = 128, .map = 32, .kernel = 3, .stride = 2},
    {.n = 128, .c = 128, .k = 256, .map = 16, .kernel = 3, .stride = 2},
    {.n = 128, .c = 256, .k = 512, .map = 8, .kernel = 3, .stride = 2},
    {.n = 128, .c = 64, .k = 128, .map = 32, .kernel = 1, .stride = 2},
    {.n = 16, .c = 32, .k = 32, .map = 112, .kernel = 3, .depthwise = true},
    {.n = 16, .c = 144, .k = 144, .map = 56, .kernel = 3, .depthwise = true},
    {.n = 16, .c = 384, .k = 384, .map = 14, .kernel = 3, .depthwise = true},
    {.n = 16, .c = 96, .k = 96, .map = 112, .kernel = 3, .stride = 2, .depthwise = true},
};

// The passes of the method that ran last.
const BenchPasses& PassesOf(const BenchMethod& method) {
  static const BenchMethod* living = nullptr;
  static BenchPasses passes;
  if (living != &method) {
    passes.clear();
    passes = method.make();
    living = &method;
  }
  return passes;
}

void Measure(benchmark::State& state, const BenchMethod& method, const std::string& pass) {
  state.SetLabel(method.label);
  const BenchPasses& passes = PassesOf(method);
  const auto found = passes.find(pass);
  if (found == passes.end()) return state.SkipWithError("there is no such pass");
  const double before = method.probe(), start = Now();
  for ([[maybe_unused]] auto _ : state) found->second();
  const double rate = method.layer.Gflop(pass) * static_cast<double>(state.iterations()) / (Now() - start);
  state.counters["GF/s"] = rate;
  state.counters["%peak"] = 100 * rate / ((before + method.probe()) / 2);
  state.counters["MiB"] = method.layer.Mib(pass);
}

// One line for each benchmark; other formats are Google Benchmark's own, by --benchmark_out.
class LineReporter final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const bool single = run.run_type == Run::RT_Iteration && run.repetitions <= 1;
      if (!single && run.aggregate_name != "median" && !run.error_occurred) continue;
      std::string name = run.benchmark_name();
      name.resize(name.rfind("/real_time"));
      if (run.error_occurred) {
        fmt::print("{:<50} {}\n", name, run.error_message);
      } else {
        fmt::print("{:<50} {:9.3f} ms {:7.1f} GF/s {:6.1f} % of the peak  {}\n", name,
                   run.GetAdjustedRealTime(), run.counters.at("GF/s").value, run.counters.at("%peak").value,
                   run.report_label);
      }
    }
  }
};

}  // namespace

ConvGeometry BenchLayer::Geometry() const {
  const int64_t pad = kernel / 2;
  return {.c = c,
          .h = map,
          .w = map,
          .k = k,
          .kh = kernel,
          .kw = kernel,
          .sh = stride,
          .sw = stride,
          .pt = pad,
          .pl = pad,
          .pb = pad,
          .pr = pad,
          .groups = depthwise ? c : 1,
          .image = c <= 4};
}

std::string BenchLayer::Name() const {
  return fmt::format("{}{}x{}{} {} @{} b{}", depthwise ? "depthwise " : "", kernel, kernel,
                     stride == 1 ? "" : fmt::format("s{}", stride),
                     c == k ? fmt::format("{}", c) : fmt::format("{}->{}", c, k), map, n);
}

std::vector<std::string> BenchLayer::Passes() const {
  if (depthwise) return {"forward", "backward"};
  if (Geometry().image) return {"forward", "weight-gradient"};
  return {"forward", "backward-data", "weight-gradient"};
}

double BenchLayer::Gflop(const std::string& pass) const {
  const ConvGeometry g = Geometry();
  const int64_t products = n * k * g.OutH() * g.OutW() * (c / g.groups) * kernel * kernel;
  return 2e-9 * static_cast<double>(pass == "backward" ? 2 * products : products);
}

double BenchLayer::Mib(const std::string& pass) const {
  const ConvGeometry g = Geometry();
  const int64_t x = n * c * map * map, y = n * k * g.OutH() * g.OutW(),
                w = k * (c / g.groups) * kernel * kernel;
  const int64_t floats = pass == "backward" ? 2 * x + y + 2 * w : x + y + w;
  return static_cast<double>(4 * floats) / (1 << 20);
}

std::span<const BenchLayer> BenchLayers() { return kLayers; }

void RegisterMethod(BenchMethod method) {
  static std::list<BenchMethod> methods;
  const BenchMethod* kept = &methods.emplace_back(std::move(method));
  for (const std::string& pass : kept->layer.Passes()) {
    const std::string name = fmt::format("{}/{}/{}", kept->layer.Name(), kept->name, pass);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { Measure(state, *kept, pass); })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
}

void RunPasses(const std::string& title) {
  fmt::print("{}\n", title);
  LineReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
}

}  // namespace fovea
