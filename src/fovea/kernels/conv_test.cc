#include "fovea/kernels/conv_problem.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

ConvGeometry RandomGeometry(RandomStream& random) {
  ConvGeometry g;
  const auto below = [&](uint32_t n) { return static_cast<int64_t>(random.Below(n)); };
  g.groups = below(5) == 0 ? 2 : 1;
  g.image = g.groups == 1 && below(4) == 0;
  g.c = g.image ? 1 + below(4) : g.groups == 2 ? 32 : 1 + below(40);
  g.k = g.groups == 2 ? 32 * (1 + below(2)) : 1 + below(40);
  g.kh = 1 + below(5), g.kw = 1 + below(5), g.sh = 1 + below(3), g.sw = 1 + below(3);
  g.dh = 1 + below(2), g.dw = 1 + below(2);
  g.pt = below(3), g.pl = below(3), g.pb = below(3), g.pr = below(3);
  const int64_t need_h = g.dh * (g.kh - 1) + 1 - g.pt - g.pb, need_w = g.dw * (g.kw - 1) + 1 - g.pl - g.pr;
  g.h = std::max<int64_t>(1, need_h) + below(12), g.w = std::max<int64_t>(1, need_w) + below(20);
  return g;
}

// The house tolerances: rms 2e-6 (weight gradients, longer sums, 1e-5), maximum ten times that.
TEST(Conv, MatchesTheLoopsForRandomGeometriesOnEveryInstructionSet) {
  ThreadPool pool(2);
  RandomStream random({21}, 0);
  for (int round = 0; round < 300; round++) {
    const ConvGeometry g = RandomGeometry(random);
    ASSERT_TRUE(ConvPlan::Supports(g));
    const Problem p = MakeProblem(g, 1 + random.Below(3), static_cast<uint64_t>(round), false);
    SCOPED_TRACE(Describe(p));
    const Truth truth = Solve(p);
    for (const std::string& isa : AvailableIsas()) {
      if (isa == "baseline" && round % 5 != 0) continue;  // emulated: slow
      SCOPED_TRACE(isa);
      const Outcome out = RunAll(p, ConvMethod::kDirect, KernelsFor(isa), pool);
      ExpectNear(out.y, truth.y, 2e-6, "y");
      if (!g.image) {
        ExpectNear(out.dx, truth.dx, 2e-6, "dx");
        ExpectNear(out.twice_dx, Twice(truth.dx), 2e-6, "accumulated dx");
      }
      ExpectNear(out.dw, truth.dw, 1e-5, "dw");
      ExpectNear(out.db, truth.db, 1e-5, "db");
      EXPECT_EQ(out.tails, 0);
      if (HasFailure()) return;
    }
  }
}

TEST(Conv, IsExactOnSmallIntegers) {
  ThreadPool pool(2);
  RandomStream random({22}, 0);
  for (int round = 0; round < 60; round++) {
    const Problem p =
        MakeProblem(RandomGeometry(random), 1 + random.Below(40), static_cast<uint64_t>(round), true);
    SCOPED_TRACE(Describe(p));
    const Truth truth = Solve(p);
    const Outcome out = RunAll(p, ConvMethod::kDirect, Kernels(), pool);
    for (std::size_t i = 0; i < out.y.size(); i++) ASSERT_EQ(out.y[i], truth.y[i]);
    for (std::size_t i = 0; i < out.dx.size(); i++) ASSERT_EQ(out.dx[i], truth.dx[i]);
    for (std::size_t i = 0; i < out.dw.size(); i++) ASSERT_EQ(out.dw[i], truth.dw[i]);
    for (std::size_t i = 0; i < out.db.size(); i++) ASSERT_EQ(out.db[i], truth.db[i]);
  }
}

TEST(Conv, GivesTheSameBitsForEveryInstructionSetThreadCountAndTaskOrder) {
  for (const ConvGeometry& g : ShapesOfEveryKind()) {
    const Problem p = MakeProblem(g, 37, 5, false);
    ExpectSameBitsEverywhere(p, ConvMethod::kDirect);
  }
}

// Eight 16-float slots of a window's row: twice what a task packs.
TEST(Conv, AnImageUnderAWideKernelOfOneRow) {
  ThreadPool pool(2);
  const ConvGeometry g{.c = 4, .h = 2, .w = 40, .k = 20, .kh = 1, .kw = 32, .image = true};
  const Problem p = MakeProblem(g, 128, 7, true);
  const Truth truth = Solve(p);
  const Outcome out = RunAll(p, ConvMethod::kDirect, Kernels(), pool);
  for (std::size_t i = 0; i < out.y.size(); i++) ASSERT_EQ(out.y[i], truth.y[i]);
  for (std::size_t i = 0; i < out.dw.size(); i++) ASSERT_EQ(out.dw[i], truth.dw[i]);
}

TEST(Conv, SupportsOnlyGroupsOfWholeBlocks) {
  EXPECT_TRUE(ConvPlan::Supports({.c = 64, .k = 32, .groups = 2}));
  EXPECT_FALSE(ConvPlan::Supports({.c = 24, .k = 24, .groups = 2}));
  EXPECT_FALSE(ConvPlan::Supports({.c = 16, .k = 16, .groups = 16}));
}

}  // namespace
}  // namespace fovea
