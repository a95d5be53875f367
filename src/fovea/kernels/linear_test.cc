#include "fovea/kernels/linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "fovea/base/random.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

using Floats = std::vector<float>;
std::size_t Size(int64_t n) { return static_cast<std::size_t>(n); }

struct Outcome {
  Floats y, dx, dw, db;  // blocked y and dx
};

struct Problem {
  LinearGeometry g;
  int64_t n;
  Floats x, w, bias, dy;  // x and dy blocked, w and bias plain

  int64_t Feature(int64_t i) const {  // place of plain feature i in a blocked row
    const int64_t plane = g.h * g.w, c = i / plane;
    return (c / 16 * plane + i % plane) * 16 + c % 16;
  }
};

Problem MakeProblem(const LinearGeometry& g, int64_t n) {
  Problem p{g,
            n,
            Floats(Size(n * g.InBlocks() * 16)),
            Floats(Size(g.k * g.c * g.h * g.w)),
            Floats(Size(g.OutBlocks() * 16)),
            Floats(Size(n * g.OutBlocks() * 16))};
  RandomStream random({31}, static_cast<uint64_t>(n));
  for (float& v : p.w) v = static_cast<float>(random.Normal());
  for (int64_t k = 0; k < g.k; k++) p.bias[Size(k)] = static_cast<float>(random.Normal());
  for (int64_t i = 0; i < n; i++) {
    for (int64_t f = 0; f < g.c * g.h * g.w; f++) {
      p.x[Size(i * p.g.InBlocks() * 16 + p.Feature(f))] = static_cast<float>(random.Normal());
    }
    for (int64_t k = 0; k < g.k; k++)
      p.dy[Size(i * g.OutBlocks() * 16 + k)] = static_cast<float>(random.Normal());
  }
  return p;
}

Outcome RunAll(const Problem& p, const KernelTable& table, int threads) {
  const LinearGeometry& g = p.g;
  ThreadPool pool(threads);
  pool.ShuffleTasks(3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Floats packed(Size(g.PackedFloats()), nan), turned(packed.size(), nan),
      scratch(Size(LinearScratch(g, p.n, threads)), nan);
  LinearPackWeights(pool, g, p.w.data(), packed.data());
  LinearTurnWeights(pool, g, p.w.data(), turned.data());
  Outcome out{Floats(p.dy.size(), nan), Floats(p.x.size(), nan), Floats(p.w.size()), Floats(Size(g.k))};
  LinearForward(pool, table, g, p.n, p.x.data(), packed.data(), p.bias.data(), out.y.data(), scratch.data());
  LinearBackwardData(pool, table, g, p.n, p.dy.data(), turned.data(), out.dx.data(), scratch.data());
  LinearWeightGradient(pool, table, g, p.n, p.x.data(), p.dy.data(), out.dw.data(), out.db.data(),
                       scratch.data());
  return out;
}

// Sums of up to 700 products: rms 2e-6, as for convolutions.
void ExpectNear(double got, double want, double terms) { EXPECT_NEAR(got, want, 2e-5 * std::sqrt(terms)); }

TEST(Linear, MatchesTheLoopsOnEveryInstructionSet) {
  for (const auto& [g, n] :
       {std::pair(LinearGeometry{.c = 20, .h = 5, .w = 7, .k = 33}, 19),
        std::pair(LinearGeometry{.c = 100, .k = 10}, 50), std::pair(LinearGeometry{.c = 1, .k = 1}, 1)}) {
    const Problem p = MakeProblem(g, n);
    const int64_t features = g.c * g.h * g.w;
    for (const std::string& isa : AvailableIsas()) {
      const Outcome out = RunAll(p, KernelsFor(isa), 2);
      const auto x = [&](int64_t i, int64_t f) {
        return static_cast<double>(p.x[Size(i * p.g.InBlocks() * 16 + p.Feature(f))]);
      };
      const auto dy = [&](int64_t i, int64_t k) {
        return static_cast<double>(p.dy[Size(i * p.g.OutBlocks() * 16 + k)]);
      };
      for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < g.OutBlocks() * 16; k++) {
          double want = k < g.k ? p.bias[Size(k)] : 0;
          for (int64_t f = 0; k < g.k && f < features; f++) want += x(i, f) * p.w[Size(k * features + f)];
          ExpectNear(out.y[Size(i * g.OutBlocks() * 16 + k)], want, static_cast<double>(features));
        }
        for (int64_t f = 0; f < features; f++) {
          double want = 0;
          for (int64_t k = 0; k < g.k; k++) want += dy(i, k) * p.w[Size(k * features + f)];
          ExpectNear(out.dx[Size(i * p.g.InBlocks() * 16 + p.Feature(f))], want, static_cast<double>(g.k));
        }
      }
      for (int64_t k = 0; k < g.k; k++) {
        double bias = 0;
        for (int64_t i = 0; i < n; i++) bias += dy(i, k);
        ExpectNear(out.db[Size(k)], bias, n);
        for (int64_t f = 0; f < features; f++) {
          double want = 0;
          for (int64_t i = 0; i < n; i++) want += dy(i, k) * x(i, f);
          ExpectNear(out.dw[Size(k * features + f)], want, n);
        }
      }
    }
  }
}

TEST(Linear, GivesTheSameBitsEverywhere) {
  const Problem p = MakeProblem({.c = 24, .h = 4, .w = 4, .k = 50}, 45);
  const Outcome want = RunAll(p, KernelsFor(AvailableIsas().front()), 1);
  for (const std::string& isa : AvailableIsas()) {
    for (const int threads : {1, 3}) {
      const Outcome got = RunAll(p, KernelsFor(isa), threads);
      for (auto member : {&Outcome::y, &Outcome::dx, &Outcome::dw, &Outcome::db}) {
        EXPECT_EQ(
            std::memcmp((got.*member).data(), (want.*member).data(), (want.*member).size() * sizeof(float)),
            0);
      }
    }
  }
}

}  // namespace
}  // namespace fovea
