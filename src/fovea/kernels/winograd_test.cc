#include <tuple>

#include "fovea/kernels/conv_problem.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

std::vector<ConvMethod> MethodsOf(int64_t stride) {
  if (stride == 2) return {ConvMethod::kWinogradStrided};
  return {ConvMethod::kWinograd2x2, ConvMethod::kWinograd4x4};
}

std::string NameOf(ConvMethod method) {
  if (method == ConvMethod::kWinogradStrided) return " stride 2";
  return method == ConvMethod::kWinograd4x4 ? " F(4x4)" : " F(2x2)";
}

ConvGeometry Padded(int64_t c, int64_t k, int64_t h, int64_t w, int64_t stride) {
  return {.c = c,
          .h = h,
          .w = w,
          .k = k,
          .kh = 3,
          .kw = 3,
          .sh = stride,
          .sw = stride,
          .pt = 1,
          .pl = 1,
          .pb = 1,
          .pr = 1};
}

ConvGeometry RandomGeometry(RandomStream& random, int64_t stride) {
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random.Below(static_cast<uint32_t>(n))); };
  ConvGeometry g{.c = 1 + below(50),
                 .h = 1 + below(14 * stride),
                 .w = 1 + below(14 * stride),
                 .k = 1 + below(50),
                 .kh = 3,
                 .kw = 3,
                 .sh = stride,
                 .sw = stride};
  g.pt = below(3), g.pl = below(3), g.pb = below(3), g.pr = below(3);
  g.h = std::max(g.h, 3 - g.pt - g.pb), g.w = std::max(g.w, 3 - g.pl - g.pr);
  return g;
}

class WinogradOfStride : public testing::TestWithParam<int64_t> {};
INSTANTIATE_TEST_SUITE_P(, WinogradOfStride, testing::Values(1, 2), testing::PrintToStringParamName());

// 1e-5: the transforms of F(4x4) amplify a rounding by up to some 30 (docs/derivations/winograd.md). The same sums by the
// direct kernels are held to 2e-6.
TEST_P(WinogradOfStride, MatchesTheLoopsForRandomGeometriesOnEveryInstructionSet) {
  ThreadPool pool(2);
  RandomStream random({31}, 0);
  for (int round = 0; round < 200; round++) {
    const Problem p =
        MakeProblem(RandomGeometry(random, GetParam()), 1 + random.Below(round % 10 == 0 ? 40 : 3),
                    static_cast<uint64_t>(round), false);
    SCOPED_TRACE(Describe(p));
    ASSERT_TRUE(ConvPlan::SupportsWinograd(p.g));
    const Truth truth = Solve(p);
    for (const std::string& isa : AvailableIsas()) {
      if (isa == "baseline" && round % 10 != 1) continue;  // emulated: slow
      for (const ConvMethod method : MethodsOf(GetParam())) {
        SCOPED_TRACE(isa + NameOf(method));
        const Outcome out = RunAll(p, method, KernelsFor(isa), pool);
        ExpectNear(out.y, truth.y, 1e-5, "y");
        ExpectNear(out.dx, truth.dx, 1e-5, "dx");
        ExpectNear(out.twice_dx, Twice(truth.dx), 1e-5, "accumulated dx");
        EXPECT_EQ(out.tails, 0);
        if (method == ConvMethod::kWinogradStrided) {  // weight gradients are the direct method's
          const Outcome direct = RunAll(p, ConvMethod::kDirect, KernelsFor(isa), pool);
          EXPECT_TRUE(SameBits(out.dw, direct.dw) && SameBits(out.db, direct.db));
        } else {
          ExpectNear(out.dw, truth.dw, 1e-5, "dw");
          ExpectNear(out.db, truth.db, 1e-5, "db");
        }
        if (HasFailure()) return;
      }
    }
  }
}

// Long sums: many channels, and many pixels for the weight gradient. What it measures is in the XML that gtest writes.
TEST(Winograd, ErrorOfWideLayersAndLargeBatches) {
  ThreadPool pool(2);
  const auto measure = [&](const ConvGeometry& g, int64_t n, ConvMethod method) {
    const Problem p = MakeProblem(g, n, 8, false);
    const Truth truth = Solve(p);
    const Outcome out = RunAll(p, method, Kernels(), pool);
    ExpectNear(out.y, truth.y, 1e-5, "y");
    ExpectNear(out.dx, truth.dx, 1e-5, "dx");
    ExpectNear(out.dw, truth.dw, 1e-5, "dw");
    const std::string name = "channels" + std::to_string(g.c) + "_stride" + std::to_string(g.sh) + "_method" +
                             std::to_string(static_cast<int>(method));
    RecordProperty(name + "_y", std::to_string(1e6 * ErrorOf(out.y, truth.y).rms));
    RecordProperty(name + "_dx", std::to_string(1e6 * ErrorOf(out.dx, truth.dx).rms));
    RecordProperty(name + "_dw", std::to_string(1e6 * ErrorOf(out.dw, truth.dw).rms));
  };
  for (const auto& [channels, side, n] : {std::tuple{64, 16, 4}, {512, 4, 4}, {16, 32, 32}}) {
    for (const int64_t stride : {1, 2}) {
      const ConvGeometry g = Padded(channels, channels, side * stride, side * stride, stride);
      measure(g, n, ConvMethod::kDirect);
      for (const ConvMethod method : MethodsOf(stride)) measure(g, n, method);
    }
  }
}

// G divides by 2, 24 or, at stride 2, 6 along each side: multiples of its square stay integers.
float FittingFactor(ConvMethod method) {
  if (method == ConvMethod::kWinogradStrided) return 36;
  return method == ConvMethod::kWinograd4x4 ? 576 : 4;
}

TEST_P(WinogradOfStride, ForwardAndBackwardDataAreExactOnFittingIntegers) {
  ThreadPool pool(2);
  RandomStream random({32}, 0);
  for (int round = 0; round < 40; round++) {
    for (const ConvMethod method : MethodsOf(GetParam())) {
      Problem p = MakeProblem(RandomGeometry(random, GetParam()), 1 + random.Below(3),
                              static_cast<uint64_t>(round), true);
      p.g.c = p.g.k = 4;
      p = MakeProblem(p.g, p.n, static_cast<uint64_t>(round), true);
      for (float& w : p.w) w *= FittingFactor(method);
      SCOPED_TRACE(Describe(p) + NameOf(method));
      const Truth truth = Solve(p);
      const Outcome out = RunAll(p, method, Kernels(), pool);
      for (std::size_t i = 0; i < out.y.size(); i++) ASSERT_EQ(out.y[i], truth.y[i]);
      for (std::size_t i = 0; i < out.dx.size(); i++) ASSERT_EQ(out.dx[i], truth.dx[i]);
    }
  }
}

// Both schedules: few weights, and more than are shared; maps of whole and of partial tiles.
TEST_P(WinogradOfStride, GivesTheSameBitsForEveryInstructionSetThreadCountAndTaskOrder) {
  const int64_t stride = GetParam();
  for (const ConvGeometry& g :
       {Padded(40, 24, 8 * stride, 8 * stride, stride), Padded(24, 16, 15 * stride, 9 * stride, stride),
        Padded(176, 176, 5 * stride, 3 * stride, stride)}) {
    ExpectSameBitsEverywhere(MakeProblem(g, 37, 5, false), MethodsOf(stride).back());
  }
}

// How a batch is cut into tasks must not show: each image of a batch comes out as it does alone.
TEST_P(WinogradOfStride, AnImageDoesNotDependOnItsBatch) {
  ThreadPool pool(2);
  const ConvGeometry g = Padded(32, 32, 7, 10, GetParam());
  const int64_t in = g.c * g.h * g.w, out = g.k * g.OutH() * g.OutW();
  const Problem batch = MakeProblem(g, 19, 6, false);
  const ConvMethod method = MethodsOf(GetParam()).back();
  const Outcome all = RunAll(batch, method, Kernels(), pool);
  Problem last = batch;
  last.n = 1;
  last.x.assign(batch.x.end() - in, batch.x.end());
  last.dy.assign(batch.dy.end() - out, batch.dy.end());
  const Outcome alone = RunAll(last, method, Kernels(), pool);
  EXPECT_TRUE(SameBits(Floats(all.y.end() - out, all.y.end()), alone.y));
  EXPECT_TRUE(SameBits(Floats(all.dx.end() - in, all.dx.end()), alone.dx));
}

TEST(Winograd, SupportsThreeByThreeWithStrideOneOrTwo) {
  const ConvGeometry g{.c = 3, .h = 8, .w = 8, .k = 5, .kh = 3, .kw = 3};
  EXPECT_TRUE(ConvPlan::SupportsWinograd(g));
  ConvGeometry other = g;
  other.sh = other.sw = 2;
  EXPECT_TRUE(ConvPlan::SupportsWinograd(other));
  other.sh = 1;
  EXPECT_FALSE(ConvPlan::SupportsWinograd(other));
  other.sh = other.sw = 3;
  EXPECT_FALSE(ConvPlan::SupportsWinograd(other));
  other = g, other.dh = other.dw = 2;
  EXPECT_FALSE(ConvPlan::SupportsWinograd(other));
  other = g, other.kh = 5;
  EXPECT_FALSE(ConvPlan::SupportsWinograd(other));
  other = g, other.c = other.k = 32, other.groups = 2;
  EXPECT_FALSE(ConvPlan::SupportsWinograd(other));
}

// What docs/decisions/0005-winograd.md says of ResNet's layers.
TEST(Winograd, IsChosenForStrideTwoWhereTilesFillTheMap) {
  EXPECT_EQ(FastMethod(Padded(64, 128, 32, 32, 2), kMicroShard), ConvMethod::kWinogradStrided);
  EXPECT_EQ(FastMethod(Padded(256, 512, 8, 8, 2), kMicroShard), ConvMethod::kWinogradStrided);
  EXPECT_EQ(FastMethod(Padded(512, 512, 14, 14, 2), kMicroShard), ConvMethod::kDirect);
  EXPECT_EQ(FastMethod(Padded(16, 16, 32, 32, 2), kMicroShard), ConvMethod::kDirect);
}

}  // namespace
}  // namespace fovea
