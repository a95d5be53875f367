// Convolution, direct and by Winograd's F(4x4), as a share of the peak that a probe reaches right beside it. The rate counts the
// multiply-adds of the direct sum, so that of Winograd's may be above the peak.
//   usage: fovea_kernels_bench [threads]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "fovea/base/aligned.h"
#include "fovea/kernels/conv.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/peak.h"

namespace fovea {
namespace {

constexpr int kSamples = 15;

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Case {
  const char* name;
  int64_t n;
  ConvGeometry g;
};

// Median of the rate and of its share of the mean of the peaks before and after. A sample lasts 20 ms or more,
// so that it runs at the clock that a network's step would see.
template <class Body>
void Report(ThreadPool& pool, double flop, const Body& body) {
  const double first = Seconds();
  body();
  const int repeats = 1 + static_cast<int>(0.02 / (Seconds() - first));
  std::vector<double> rates, shares;
  for (int i = 0; i < kSamples; i++) {
    const double before = ProbePeak(pool, 3), start = Seconds();
    for (int j = 0; j < repeats; j++) body();
    const double rate = repeats * flop / (Seconds() - start) / 1e9;
    rates.push_back(rate);
    shares.push_back(2 * rate / (before + ProbePeak(pool, 3)));
  }
  std::sort(rates.begin(), rates.end());
  std::sort(shares.begin(), shares.end());
  std::printf("  %7.1f GF/s %5.1f %%", rates[kSamples / 2], 100 * shares[kSamples / 2]);
}

void RunCase(ThreadPool& pool, const Case& c, ConvMethod method) {
  const ConvPlan plan(c.g, method);
  const int64_t x_floats = c.n * (c.g.image ? c.g.c : plan.InBlocks() * 16) * c.g.h * c.g.w;
  const int64_t y_floats = c.n * plan.OutBlocks() * 16 * plan.out_h() * plan.out_w();
  const auto make = [](int64_t count) {
    auto values = MakeAligned<float>(static_cast<std::size_t>(count));
    for (int64_t i = 0; i < count; i++) values[static_cast<std::size_t>(i)] = static_cast<float>(i % 7) - 3;
    return values;
  };
  const auto x = make(x_floats), y = make(y_floats), packed = make(plan.PackedFloats());
  const auto turned = make(plan.TurnedFloats());
  const auto scratch = make(std::max({ConvForwardScratch(plan, c.n, pool.threads()),
                                      ConvBackwardDataScratch(plan, c.n, pool.threads()),
                                      ConvWeightGradientScratch(plan, c.n, pool.threads())}));
  const auto dw = make(c.g.k * c.g.c * c.g.kh * c.g.kw);
  const int64_t products = c.g.c / c.g.groups * c.g.kh * c.g.kw;
  const double flop = 2.0 * static_cast<double>(c.n * c.g.k * plan.out_h() * plan.out_w() * products);
  std::printf("%-22s%-9s", c.name, method == ConvMethod::kDirect ? "direct" : "Winograd");
  const KernelTable& table = Kernels();
  Report(pool, flop, [&] {
    ConvForward(pool, table, plan, c.n, x.get(), packed.get(), nullptr, y.get(), scratch.get());
  });
  if (c.g.image) {
    std::printf("  %7s %10s  ", "-", "");
  } else {
    Report(pool, flop, [&] {
      ConvBackwardData(pool, table, plan, c.n, y.get(), turned.get(), false, x.get(), scratch.get());
    });
  }
  Report(pool, flop, [&] {
    ConvWeightGradient(pool, table, plan, c.n, x.get(), y.get(), dw.get(), nullptr, scratch.get());
  });
  std::printf("\n");
}

ConvGeometry Square(int64_t c, int64_t k, int64_t map, int64_t kernel, int64_t stride = 1) {
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
          .image = c <= 4};
}

}  // namespace
}  // namespace fovea

int main(int argc, char** argv) {
  using namespace fovea;
  ThreadPool pool(argc > 1 ? std::atoi(argv[1]) : HardwareThreads());
  std::printf("%s, %d threads, peak %.0f GF/s; forward, backward-data, weight gradient: median of %d\n",
              Kernels().name, pool.threads(), ProbePeak(pool, 3), kSamples);
  const Case cases[] = {
      {"3x3 64 @32 b128", 128, Square(64, 64, 32, 3)},
      {"3x3 128 @16 b128", 128, Square(128, 128, 16, 3)},
      {"3x3 256 @8 b128", 128, Square(256, 256, 8, 3)},
      {"3x3 512 @4 b128", 128, Square(512, 512, 4, 3)},
      {"3x3 64 @56 b16", 16, Square(64, 64, 56, 3)},
      {"3x3 256 @14 b16", 16, Square(256, 256, 14, 3)},
      {"3x3 512 @7 b16", 16, Square(512, 512, 7, 3)},
      {"3x3 16 @32 b128", 128, Square(16, 16, 32, 3)},
      {"3x3 3->64 @32 b128", 128, Square(3, 64, 32, 3)},
      {"3x3s2 64->128 @32", 128, Square(64, 128, 32, 3, 2)},
      {"1x1 256->64 @56 b16", 16, Square(256, 64, 56, 1)},
      {"7x7s2 3->64 @224 b16", 16, Square(3, 64, 224, 7, 2)},
  };
  for (const Case& c : cases) {
    RunCase(pool, c, ConvMethod::kDirect);
    if (ConvPlan::SupportsWinograd(c.g)) RunCase(pool, c, ConvMethod::kWinograd4x4);
  }
  return 0;
}
