#include "fovea/kernels/conv_problem.h"

namespace fovea {
namespace {

float Rounded(double v) { return WidenBfloat16(RoundToBfloat16(static_cast<float>(v))); }

// Values of 8 bits, so that products lose nothing and sums are single precision's.
void Round(Floats& values) {
  for (float& v : values) v = Rounded(v);
}

// Sums of single precision that were rounded by up to 2^-8 of themselves when they were stored.
void ExpectRounded(const Floats& got, const std::vector<double>& want, const char* what) {
  double size = 0;
  for (const double v : want) size += v * v;
  const double sums = 2e-5 * std::sqrt(size / static_cast<double>(want.size()));
  for (std::size_t i = 0; i < got.size(); i++) {
    ASSERT_LE(std::abs(got[i] - want[i]), 0x1.01p-8 * std::abs(want[i]) + sums) << what << " " << i;
  }
}

TEST(ConvBf16, MatchesTheLoopsOnNumbersOfEightBits) {
  ThreadPool pool(2);
  RandomStream random({41}, 0);
  for (int round = 0; round < 150; round++) {
    const ConvGeometry g = RandomGeometry(random, {.groups = false, .channels = 70, .kernel = 4});
    ASSERT_TRUE(ConvPlan::SupportsBfloat16(g));
    Problem p = MakeProblem(g, 1 + random.Below(3), static_cast<uint64_t>(round), false);
    for (Floats* values : {&p.x, &p.w, &p.dy}) Round(*values);
    SCOPED_TRACE(Describe(p));
    const Truth truth = Solve(p);
    const Outcome out = RunAll(p, ConvMethod::kBfloat16, Kernels(), pool);
    ExpectRounded(out.y, truth.y, "y");
    if (!g.image) ExpectRounded(out.dx, truth.dx, "dx");
    ExpectNear(out.dw, truth.dw, 1e-5, "dw");
    ExpectNear(out.db, truth.db, 1e-5, "db");
    EXPECT_EQ(out.tails, 0);
    if (HasFailure()) return;
  }
}

TEST(ConvBf16, IsExactOnSmallIntegersForAnyNumberOfImages) {
  ThreadPool pool(3);
  RandomStream random({42}, 0);
  for (int round = 0; round < 60; round++) {
    ConvGeometry g = RandomGeometry(random, {.groups = false, .channels = 70, .kernel = 4});
    if (round % 3 == 0) g = {.c = g.c, .h = g.h, .w = g.w, .k = g.k};  // one tap
    const int64_t n = 1 + random.Below(round % 2 == 0 ? 16 : 70);
    const Problem p = MakeProblem(g, n, static_cast<uint64_t>(round), true);
    SCOPED_TRACE(Describe(p));
    const Truth truth = Solve(p);
    const Outcome out = RunAll(p, ConvMethod::kBfloat16, Kernels(), pool);
    for (std::size_t i = 0; i < out.y.size(); i++) ASSERT_EQ(out.y[i], Rounded(truth.y[i]));
    for (std::size_t i = 0; i < out.dx.size(); i++) {
      ASSERT_EQ(out.dx[i], Rounded(truth.dx[i]));
      ASSERT_EQ(out.twice_dx[i], Rounded(out.dx[i] + truth.dx[i]));
    }
    for (std::size_t i = 0; i < out.dw.size(); i++) ASSERT_EQ(out.dw[i], truth.dw[i]);
    for (std::size_t i = 0; i < out.db.size(); i++) ASSERT_EQ(out.db[i], truth.db[i]);
  }
}

// Any numbers: a number is off by at most 2^-8 of itself, at random, so sums by some 2e-3 of their size.
TEST(ConvBf16, ErrorOfAnyNumbers) {
  ThreadPool pool(2);
  const ConvGeometry g{
      .c = 64, .h = 8, .w = 8, .k = 64, .kh = 3, .kw = 3, .pt = 1, .pl = 1, .pb = 1, .pr = 1};
  const Problem p = MakeProblem(g, 40, 3, false);
  const Truth truth = Solve(p);
  const Outcome out = RunAll(p, ConvMethod::kBfloat16, Kernels(), pool);
  for (const auto& [got, want] : {std::pair(&out.y, &truth.y), {&out.dx, &truth.dx}, {&out.dw, &truth.dw}}) {
    const RelativeError error = ErrorOf(*got, *want);
    EXPECT_LT(error.rms, 3e-3);
    EXPECT_GT(error.rms, 1e-3);
  }
}

// An image's outputs do not depend on how many others go with it, though the tiles do.
TEST(ConvBf16, AnImageAloneHasTheSameBits) {
  ThreadPool pool(2);
  for (const int64_t stride : {1, 2}) {
    const ConvGeometry g{.c = 40,
                         .h = 21,
                         .w = 20,
                         .k = 24,
                         .kh = 3,
                         .kw = 3,
                         .sh = stride,
                         .sw = stride,
                         .pt = 1,
                         .pl = 1,
                         .pb = 1,
                         .pr = 1};
    const Problem many = MakeProblem(g, 32, 9, false);
    Problem one = many;
    one.n = 1;
    for (Floats* values : {&one.x, &one.dy}) values->resize(values->size() / 32);
    const Outcome all = RunAll(many, ConvMethod::kBfloat16, Kernels(), pool);
    const Outcome alone = RunAll(one, ConvMethod::kBfloat16, Kernels(), pool);
    EXPECT_TRUE(SameBits(alone.y,
                         Floats(all.y.begin(), all.y.begin() + static_cast<std::ptrdiff_t>(alone.y.size()))));
    EXPECT_TRUE(SameBits(
        alone.dx, Floats(all.dx.begin(), all.dx.begin() + static_cast<std::ptrdiff_t>(alone.dx.size()))));
  }
}

TEST(ConvBf16, GivesTheSameBitsForEveryInstructionSetThreadCountAndTaskOrder) {
  for (const ConvGeometry& g : ShapesOfEveryKind()) {
    ExpectSameBitsEverywhere(MakeProblem(g, 37, 5, false), ConvMethod::kBfloat16);
  }
}

}  // namespace
}  // namespace fovea
