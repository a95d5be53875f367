#include "fovea/kernels/depthwise.h"

#include "fovea/kernels/conv_problem.h"

namespace fovea {
namespace {

struct Gradients {
  Floats y, dx, dw, db;
};

Gradients RunDepthwise(const DepthwisePlan& plan, int64_t n, const AlignedArray<float>& x,
                       const AlignedArray<float>& dy, const Floats& w, int threads) {
  const ConvGeometry& g = plan.geometry();
  const auto plane = [&](int64_t h, int64_t cols) { return Size(n * plan.Blocks() * h * cols * 16); };
  Floats packed(Size(plan.PackedFloats())), turned(packed.size()), scratch(Size(plan.BackwardScratch(n)));
  plan.PackForward(w.data(), packed.data());
  plan.PackBackward(w.data(), turned.data());
  const auto y = MakeAligned<float>(plane(g.OutH(), g.OutW())), dx = MakeAligned<float>(plane(g.h, g.w));
  Gradients out{{}, {}, Floats(w.size()), Floats(Size(g.c))};
  ThreadPool pool(threads);
  plan.Forward(pool, Kernels(), n, x.get(), packed.data(), {}, y.get());
  plan.Backward(pool, Kernels(), n, x.get(), dy.get(), turned.data(), dx.get(), out.dw.data(), out.db.data(),
                scratch.data());
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

}  // namespace
}  // namespace fovea
