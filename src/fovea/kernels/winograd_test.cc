#include <tuple>

#include "fovea/kernels/conv_problem.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

constexpr ConvMethod kMethods[] = {ConvMethod::kWinograd2x2, ConvMethod::kWinograd4x4};

ConvGeometry RandomGeometry(RandomStream& random) {
  const auto below = [&](uint32_t n) { return static_cast<int64_t>(random.Below(n)); };
  ConvGeometry g{
      .c = 1 + below(50), .h = 1 + below(14), .w = 1 + below(14), .k = 1 + below(50), .kh = 3, .kw = 3};
  g.pt = below(3), g.pl = below(3), g.pb = below(3), g.pr = below(3);
  g.h = std::max(g.h, 3 - g.pt - g.pb), g.w = std::max(g.w, 3 - g.pl - g.pr);
  return g;
}

// 1e-5: the transforms of F(4x4) amplify a rounding by up to some 30 (docs/derivations/winograd.md). The same sums by the
// direct kernels are held to 2e-6.
TEST(Winograd, MatchesTheLoopsForRandomGeometriesOnEveryInstructionSet) {
  ThreadPool pool(2);
  RandomStream random({31}, 0);
  for (int round = 0; round < 200; round++) {
    const Problem p = MakeProblem(RandomGeometry(random), 1 + random.Below(round % 10 == 0 ? 40 : 3),
                                  static_cast<uint64_t>(round), false);
    SCOPED_TRACE(Describe(p));
    ASSERT_TRUE(ConvPlan::SupportsWinograd(p.g));
    const Truth truth = Solve(p);
    for (const std::string& isa : AvailableIsas()) {
      if (isa == "baseline" && round % 10 != 1) continue;  // emulated: slow
      for (const ConvMethod method : kMethods) {
        SCOPED_TRACE(isa + (method == ConvMethod::kWinograd4x4 ? " F(4x4)" : " F(2x2)"));
        const Outcome out = RunAll(p, method, KernelsFor(isa), pool);
        ExpectNear(out.y, truth.y, 1e-5, "y");
        ExpectNear(out.dx, truth.dx, 1e-5, "dx");
        ExpectNear(out.twice_dx, Twice(truth.dx), 1e-5, "accumulated dx");
        ExpectNear(out.dw, truth.dw, 1e-5, "dw");
        ExpectNear(out.db, truth.db, 1e-5, "db");
        EXPECT_EQ(out.tails, 0);
        if (HasFailure()) return;
      }
    }
  }
}

// Long sums: many channels, and many pixels for the weight gradient. What it measures is in the XML that gtest writes.
TEST(Winograd, ErrorOfWideLayersAndLargeBatches) {
  ThreadPool pool(2);
  for (const auto& [channels, side, n] : {std::tuple{64, 16, 4}, {512, 4, 4}, {16, 32, 32}}) {
    const ConvGeometry g{.c = channels,
                         .h = side,
                         .w = side,
                         .k = channels,
                         .kh = 3,
                         .kw = 3,
                         .pt = 1,
                         .pl = 1,
                         .pb = 1,
                         .pr = 1};
    const Problem p = MakeProblem(g, n, 8, false);
    const Truth truth = Solve(p);
    for (const ConvMethod method :
         {ConvMethod::kDirect, ConvMethod::kWinograd2x2, ConvMethod::kWinograd4x4}) {
      const Outcome out = RunAll(p, method, Kernels(), pool);
      ExpectNear(out.y, truth.y, 1e-5, "y");
      ExpectNear(out.dx, truth.dx, 1e-5, "dx");
      ExpectNear(out.dw, truth.dw, 1e-5, "dw");
      const std::string name =
          "channels" + std::to_string(channels) + "_method" + std::to_string(static_cast<int>(method));
      RecordProperty(name + "_y", std::to_string(1e6 * ErrorOf(out.y, truth.y).rms));
      RecordProperty(name + "_dx", std::to_string(1e6 * ErrorOf(out.dx, truth.dx).rms));
      RecordProperty(name + "_dw", std::to_string(1e6 * ErrorOf(out.dw, truth.dw).rms));
    }
  }
}

// G divides by 2 (F(2x2)) or 24 (F(4x4)) along each side: weights that are multiples of 4 or 576 stay integers.
TEST(Winograd, ForwardAndBackwardDataAreExactOnFittingIntegers) {
  ThreadPool pool(2);
  RandomStream random({32}, 0);
  for (int round = 0; round < 40; round++) {
    for (const ConvMethod method : kMethods) {
      Problem p =
          MakeProblem(RandomGeometry(random), 1 + random.Below(3), static_cast<uint64_t>(round), true);
      p.g.c = p.g.k = 4;
      p = MakeProblem(p.g, p.n, static_cast<uint64_t>(round), true);
      for (float& w : p.w) w *= method == ConvMethod::kWinograd4x4 ? 576 : 4;
      SCOPED_TRACE(Describe(p));
      const Truth truth = Solve(p);
      const Outcome out = RunAll(p, method, Kernels(), pool);
      for (std::size_t i = 0; i < out.y.size(); i++) ASSERT_EQ(out.y[i], truth.y[i]);
      for (std::size_t i = 0; i < out.dx.size(); i++) ASSERT_EQ(out.dx[i], truth.dx[i]);
    }
  }
}

// Both schedules: few weights, and more than are shared; maps of whole and of partial tiles.
TEST(Winograd, GivesTheSameBitsForEveryInstructionSetThreadCountAndTaskOrder) {
  const ConvGeometry shapes[] = {
      {.c = 40, .h = 8, .w = 8, .k = 24, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1},
      {.c = 24, .h = 15, .w = 9, .k = 16, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1},
      {.c = 176, .h = 5, .w = 3, .k = 176, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1},
  };
  for (const ConvGeometry& g : shapes) {
    const Problem p = MakeProblem(g, 37, 5, false);
    ExpectSameBitsEverywhere(p, ConvMethod::kWinograd4x4);
  }
}

// How a batch is cut into tasks must not show: each image of a batch comes out as it does alone.
TEST(Winograd, AnImageDoesNotDependOnItsBatch) {
  ThreadPool pool(2);
  const ConvGeometry g{
      .c = 32, .h = 7, .w = 10, .k = 32, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1};
  const Problem batch = MakeProblem(g, 19, 6, false);
  const Outcome all = RunAll(batch, ConvMethod::kWinograd4x4, Kernels(), pool);
  Problem last = batch;
  last.n = 1;
  last.x.assign(batch.x.end() - 32 * 70, batch.x.end());
  last.dy.assign(batch.dy.end() - 32 * 70, batch.dy.end());
  const Outcome alone = RunAll(last, ConvMethod::kWinograd4x4, Kernels(), pool);
  EXPECT_TRUE(SameBits(Floats(all.y.end() - 32 * 70, all.y.end()), alone.y));
  EXPECT_TRUE(SameBits(Floats(all.dx.end() - 32 * 70, all.dx.end()), alone.dx));
}

TEST(Winograd, SupportsThreeByThreeWithStrideOne) {
  EXPECT_TRUE(ConvPlan::SupportsWinograd({.c = 3, .h = 8, .w = 8, .k = 5, .kh = 3, .kw = 3}));
  EXPECT_FALSE(
      ConvPlan::SupportsWinograd({.c = 3, .h = 8, .w = 8, .k = 5, .kh = 3, .kw = 3, .sh = 2, .sw = 2}));
  EXPECT_FALSE(
      ConvPlan::SupportsWinograd({.c = 3, .h = 8, .w = 8, .k = 5, .kh = 3, .kw = 3, .dh = 2, .dw = 2}));
  EXPECT_FALSE(ConvPlan::SupportsWinograd({.c = 3, .h = 8, .w = 8, .k = 5, .kh = 5, .kw = 3}));
  EXPECT_FALSE(ConvPlan::SupportsWinograd({.c = 32, .h = 8, .w = 8, .k = 32, .kh = 3, .kw = 3, .groups = 2}));
}

}  // namespace
}  // namespace fovea
