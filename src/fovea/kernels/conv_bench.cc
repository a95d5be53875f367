// Convolution by every method that serves a layer: its three passes as a share of the machine's peak. The rate counts the
// multiply-adds of the direct sum, so that of Winograd's may be above the peak. "fast" marks the method of --numerics fast.
//   usage: fovea_kernels_bench [THREADS] [--benchmark_filter=REGEX] [--benchmark_... as Google Benchmark has it]
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "fovea/base/aligned.h"
#include "fovea/kernels/bench_layers.h"
#include "fovea/kernels/conv.h"
#include "fovea/kernels/depthwise.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/peak.h"

namespace fovea {
namespace {

std::shared_ptr<float[]> Filled(int64_t count) {
  auto values = MakeAligned<float>(static_cast<std::size_t>(count));
  for (int64_t i = 0; i < count; i++) values[static_cast<std::size_t>(i)] = static_cast<float>(i % 7) - 3;
  return {std::move(values)};
}

struct Activations {
  std::shared_ptr<float[]> x, y;
  explicit Activations(const BenchLayer& layer)
      : x(Filled(layer.n * Lanes(layer.c) * layer.map * layer.map)),
        y(Filled(layer.n * Lanes(layer.k) * layer.Geometry().OutH() * layer.Geometry().OutW())) {}
  static int64_t Lanes(int64_t channels) { return channels <= 4 ? channels : (channels + 15) / 16 * 16; }
};

BenchPasses ConvPasses(ThreadPool& pool, const BenchLayer& layer, ConvMethod method) {
  const ConvGeometry g = layer.Geometry();
  const int64_t n = layer.n;
  const auto plan = std::make_shared<ConvPlan>(g, method);
  const auto packed = Filled(plan->PackedFloats()), turned = Filled(plan->TurnedFloats());
  const auto dw = Filled(g.k * g.c * g.kh * g.kw);
  const auto scratch = Filled(std::max({ConvForwardScratch(*plan, n, pool.threads()),
                                        ConvBackwardDataScratch(*plan, n, pool.threads()),
                                        ConvWeightGradientScratch(*plan, n, pool.threads())}));
  const Activations a(layer);
  return {{"forward",
           [=, &pool] {
             ConvForward(pool, Kernels(), *plan, n, a.x.get(), packed.get(), {}, a.y.get(), scratch.get());
           }},
          {"backward-data",
           [=, &pool] {
             ConvBackwardData(pool, Kernels(), *plan, n, a.y.get(), turned.get(), false, a.x.get(),
                              scratch.get());
           }},
          {"weight-gradient", [=, &pool] {
             ConvWeightGradient(pool, Kernels(), *plan, n, a.x.get(), a.y.get(), dw.get(), nullptr,
                                scratch.get());
           }}};
}

BenchPasses DepthwisePasses(ThreadPool& pool, const BenchLayer& layer) {
  const int64_t n = layer.n;
  const auto plan = std::make_shared<DepthwisePlan>(layer.Geometry());
  const auto packed = Filled(plan->PackedFloats()), dw = Filled(plan->PackedFloats());
  const auto scratch = Filled(plan->BackwardScratch(n, pool.threads()));
  const Activations a(layer), gradient(layer);
  return {{"forward",
           [=, &pool] {
             plan->Forward<float>(pool, Kernels(), n, {a.x.get()}, packed.get(), {}, a.y.get(), nullptr);
           }},
          {"backward", [=, &pool] {
             plan->Backward<float>(pool, Kernels(), n, {a.x.get()}, a.y.get(), packed.get(), gradient.x.get(),
                                   dw.get(), nullptr, scratch.get());
           }}};
}

void Register(ThreadPool& pool, const BenchLayer& layer) {
  const auto probe = [&pool] { return ProbePeak(pool, 3); };
  if (layer.depthwise) {
    const auto make = [&pool, layer] { return DepthwisePasses(pool, layer); };
    return RegisterMethod({layer, "direct", "fast", make, probe});
  }
  const ConvGeometry g = layer.Geometry();
  const ConvMethod fast = FastMethod(g, kMicroShard);
  const auto add = [&](const char* name, ConvMethod method) {
    const auto make = [&pool, layer, method] { return ConvPasses(pool, layer, method); };
    RegisterMethod({layer, name, method == fast ? "fast" : "", make, probe});
  };
  add("direct", ConvMethod::kDirect);
  if (!ConvPlan::SupportsWinograd(g)) return;
  if (g.sh == 2) return add("Winograd", ConvMethod::kWinogradStrided);
  add("F(2x2)", ConvMethod::kWinograd2x2);
  add("F(4x4)", ConvMethod::kWinograd4x4);
}

}  // namespace
}  // namespace fovea

int main(int argc, char** argv) {
  using namespace fovea;
  benchmark::Initialize(&argc, argv);
  const int threads = argc > 1 ? std::atoi(argv[1]) : HardwareThreads();
  if (argc > 2 || threads < 1) {
    fmt::print(stderr, "usage: {} [THREADS] [--benchmark_filter=REGEX] [--benchmark_...]\n", argv[0]);
    return 2;
  }
  ThreadPool pool(threads);
  for (const BenchLayer& layer : BenchLayers()) Register(pool, layer);
  RunPasses(
      fmt::format("{}, {} threads, peak {:.0f} GF/s", Kernels().name, pool.threads(), ProbePeak(pool, 3)));
  return 0;
}
