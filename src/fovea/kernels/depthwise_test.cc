#include "fovea/kernels/depthwise.h"

#include "fovea/kernels/conv_problem.h"
#include "fovea/kernels/read_plane.h"

namespace fovea {
namespace {

struct Gradients {
  Floats y, dx, dw, db;
};

Gradients RunDepthwise(const DepthwisePlan& plan, int64_t n, const AlignedArray<float>& x,
                       const AlignedArray<float>& dy, const Floats& w, int threads) {
  const ConvGeometry& g = plan.geometry();
  const auto plane = [&](int64_t h, int64_t cols) { return Size(n * plan.Blocks() * h * cols * 16); };
  Floats packed(Size(plan.PackedFloats())), turned(packed.size()),
      scratch(Size(plan.BackwardScratch(n, threads)));
  plan.PackForward(w.data(), packed.data());
  plan.PackBackward(w.data(), turned.data());
  const auto y = MakeAligned<float>(plane(g.OutH(), g.OutW())), dx = MakeAligned<float>(plane(g.h, g.w));
  Gradients out{{}, {}, Floats(w.size()), Floats(Size(g.c))};
  ThreadPool pool(threads);
  plan.Forward<float>(pool, Kernels(), n, {x.get()}, packed.data(), {}, y.get(), nullptr);
  plan.Backward<float>(pool, Kernels(), n, {x.get()}, dy.get(), turned.data(), dx.get(), out.dw.data(),
                       out.db.data(), scratch.data());
  out.y.assign(y.get(), y.get() + plane(g.OutH(), g.OutW()));
  out.dx.assign(dx.get(), dx.get() + plane(g.h, g.w));
  return out;
}

// Outputs of two images are large enough to be written past the caches, those of one are not; one thread makes both
// gradients of a plane together, three threads one after the other.
TEST(Depthwise, BitsDoNotDependOnTheBatchOrTheSchedule) {
  const ConvGeometry g{.c = 32,
                       .h = 232,
                       .w = 231,
                       .k = 32,
                       .kh = 3,
                       .kw = 3,
                       .pt = 1,
                       .pl = 1,
                       .pb = 1,
                       .pr = 1,
                       .groups = 32};
  const DepthwisePlan plan(g);
  const int64_t image = plan.Blocks() * g.h * g.w * 16;
  ASSERT_LT(image, kStreamFloats);
  ASSERT_GT(2 * image, kStreamFloats);
  RandomStream random({41}, 0);
  const auto normal = [&](float* to, int64_t count) {
    for (int64_t i = 0; i < count; i++) to[i] = static_cast<float>(random.Normal());
  };
  const auto x = MakeAligned<float>(Size(2 * image)), dy = MakeAligned<float>(Size(2 * image));
  Floats w(Size(g.c * 9));
  normal(x.get(), 2 * image), normal(dy.get(), 2 * image), normal(w.data(), g.c * 9);
  const Gradients both = RunDepthwise(plan, 2, x, dy, w, 1), again = RunDepthwise(plan, 2, x, dy, w, 3);
  const Gradients first = RunDepthwise(plan, 1, x, dy, w, 1);
  EXPECT_TRUE(SameBits(both.dx, again.dx) && SameBits(both.y, again.y));
  EXPECT_TRUE(SameBits(both.dw, again.dw) && SameBits(both.db, again.db));
  EXPECT_TRUE(SameBits(first.y, Floats(both.y.begin(), both.y.begin() + image)));
  EXPECT_TRUE(SameBits(first.dx, Floats(both.dx.begin(), both.dx.begin() + image)));
}

TEST(Depthwise, ReadsThroughANormalisationAsIfItWereStored) {
  const ConvGeometry g{.c = 24,
                       .h = 9,
                       .w = 7,
                       .k = 24,
                       .kh = 3,
                       .kw = 3,
                       .sh = 2,
                       .sw = 2,
                       .pt = 1,
                       .pl = 1,
                       .pb = 1,
                       .pr = 1,
                       .groups = 24};
  const DepthwisePlan plan(g);
  const int64_t n = 3, planes = n * plan.Blocks(), in = g.h * g.w, out = g.OutH() * g.OutW();
  RandomStream random({42}, 0);
  const auto normal = [&](int64_t count, int64_t filled) {
    Floats values(Size(count));
    for (int64_t i = 0; i < filled; i++) values[Size(i)] = static_cast<float>(random.Normal());
    return values;
  };
  const Floats x = normal(planes * in * 16, planes * in * 16),
               dy = normal(planes * out * 16, planes * out * 16);
  const Floats w = normal(g.c * 9, g.c * 9), mean = normal(32, 24), scale = normal(32, 24),
               shift = normal(32, 24);
  const Rectifier rectifier{.slope = 0, .cap = 1};
  const Normalisation norm{mean.data(), scale.data(), shift.data(), &rectifier};
  Floats packed(Size(plan.PackedFloats())), turned(packed.size());
  plan.PackForward(w.data(), packed.data());
  plan.PackBackward(w.data(), turned.data());
  ThreadPool pool(2);
  for (const std::string& isa : AvailableIsas()) {
    const KernelTable& table = KernelsFor(isa);
    Floats stored(x.size());
    for (int64_t i = 0; i < planes; i++) {
      const int64_t c = i % plan.Blocks() * 16;
      table.single.plane.normalise(FromChannel(norm, c), x.data() + i * in * 16, nullptr, in, false,
                                   stored.data() + i * in * 16);
    }
    const auto run = [&](const DepthwiseSource<float>& source) {
      Gradients results{Floats(dy.size()), Floats(x.size()), Floats(w.size()), Floats(Size(g.c))};
      Floats scratch(Size(std::max(plan.ForwardScratch(2), plan.BackwardScratch(n, 2))), kPoison);
      plan.Forward<float>(pool, table, n, source, packed.data(), {}, results.y.data(), scratch.data());
      plan.Backward<float>(pool, table, n, source, dy.data(), turned.data(), results.dx.data(),
                           results.dw.data(), results.db.data(), scratch.data());
      return results;
    };
    const Gradients want = run({stored.data()}), got = run({x.data(), &norm});
    EXPECT_TRUE(SameBits(got.y, want.y) && SameBits(got.dw, want.dw)) << isa;
    EXPECT_TRUE(SameBits(got.dx, want.dx) && SameBits(got.db, want.db)) << isa;
  }
}

}  // namespace
}  // namespace fovea
