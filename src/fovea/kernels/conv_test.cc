#include "fovea/kernels/conv_problem.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/read_plane.h"

namespace fovea {
namespace {

// The house tolerances: rms 2e-6 (weight gradients, longer sums, 1e-5), maximum ten times that.
TEST(Conv, MatchesTheLoopsForRandomGeometriesOnEveryInstructionSet) {
  ThreadPool pool(2);
  RandomStream random({21}, 0);
  for (int round = 0; round < 300; round++) {
    const ConvGeometry g = RandomGeometry(random, {.groups = true, .channels = 40, .kernel = 5});
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
    const Problem p = MakeProblem(RandomGeometry(random, {.groups = true, .channels = 40, .kernel = 5}),
                                  1 + random.Below(40), static_cast<uint64_t>(round), true);
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

struct SourceOutcome {
  Floats y, dw;
};

SourceOutcome RunSource(const ConvPlan& plan, const KernelTable& table, ThreadPool& pool, int64_t n,
                        const ConvSource& x, const Problem& p, const Floats& packed, const Floats& dy) {
  SourceOutcome out{Floats(dy.size()), Floats(p.w.size())};
  Floats scratch(Size(std::max(ConvForwardScratch(plan, n, 2), ConvWeightGradientScratch(plan, n, 2))),
                 kPoison);
  ConvForward(pool, table, plan, n, x, packed.data(), {}, out.y.data(), scratch.data());
  ConvWeightGradient(pool, table, plan, n, x, dy.data(), out.dw.data(), nullptr, scratch.data());
  return out;
}

// A normalised map, made as the kernels of planes make it.
template <class T>
void Normalise(const KernelTable& table, const Normalisation& norm, int64_t planes, int64_t blocks,
               int64_t pixels, const T* x, T* y) {
  for (int64_t i = 0; i < planes; i++) {
    const int64_t c = i % blocks * 16, at = i * pixels * 16;
    const Normalisation own = FromChannel(norm, c);
    table.maps<T>().plane.normalise(own, x + at, nullptr, pixels, false, y + at);
  }
}

// Odd blocks of channels, images that do not fill a pair, a rectifier that passes some of what it cuts and caps the rest.
TEST(Conv, ReadsThroughANormalisationAsIfItWereStored) {
  ThreadPool pool(2);
  const Rectifier rectifier{.slope = 0.1f, .cap = 1.5f};
  const int64_t n = 5, blocks = 3;
  for (const ConvMethod method :
       {ConvMethod::kWinograd2x2, ConvMethod::kWinograd4x4, ConvMethod::kBfloat16}) {
    for (const int64_t kernel : {3, 1}) {
      if (kernel == 1 && method != ConvMethod::kBfloat16) continue;
      ConvGeometry g{.c = 40, .h = 9, .w = 7, .k = 24, .kh = kernel, .kw = kernel};
      g.pt = g.pl = g.pb = g.pr = kernel / 2;
      const ConvPlan plan(g, method);
      ASSERT_TRUE(plan.Normalises());
      const Problem p = MakeProblem(g, n, 7, false);
      Floats mean(48), scale(48), shift(48);  // lanes beyond the channels stay zero
      RandomStream random({27}, 0);
      for (Floats* values : {&mean, &scale, &shift}) {
        for (std::size_t c = 0; c < 40; c++) (*values)[c] = static_cast<float>(random.Normal());
      }
      const Normalisation norm{mean.data(), scale.data(), shift.data(), &rectifier};
      const Floats x = Stored(Block(p.x, n, g.c, g.h * g.w), method);
      const Floats dy = Stored(Block(p.dy, n, g.k, plan.out_h() * plan.out_w()), method);
      Floats packed(Size(plan.PackedFloats())), normal(x.size());
      for (const std::string& isa : AvailableIsas()) {
        SCOPED_TRACE(isa + ", method " + std::to_string(static_cast<int>(method)));
        const KernelTable& table = KernelsFor(isa);
        plan.PackWeights(pool, table, p.w.data(), packed.data(), nullptr);
        if (method == ConvMethod::kBfloat16) {
          Normalise(table, norm, n * blocks, blocks, g.h * g.w, reinterpret_cast<const Bfloat16*>(x.data()),
                    reinterpret_cast<Bfloat16*>(normal.data()));
        } else {
          Normalise(table, norm, n * blocks, blocks, g.h * g.w, x.data(), normal.data());
        }
        const SourceOutcome stored = RunSource(plan, table, pool, n, normal.data(), p, packed, dy);
        const SourceOutcome read = RunSource(plan, table, pool, n, {x.data(), &norm}, p, packed, dy);
        EXPECT_TRUE(SameBits(read.y, stored.y));
        EXPECT_TRUE(SameBits(read.dw, stored.dw));
      }
    }
  }
}

}  // namespace
}  // namespace fovea
