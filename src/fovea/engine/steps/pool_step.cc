#include "fovea/engine/steps/pool_step.h"

#include <cstring>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/max_pool2d.h"

namespace fovea {
namespace {

PoolShape ShapeOf(const Pool2dOptions& o, const Storage& x, const Storage& y) {
  const Padding pad = PoolPadding(o, {1, x.c, x.h, x.w});
  return {x.h,        x.w,     y.h,      y.w,        o.kernel.h, o.kernel.w, o.stride.h,
          o.stride.w, pad.top, pad.left, pad.bottom, pad.right,  true};
}

template <class T>
class PoolStep final : public Step {
 public:
  PoolStep(bool max, const PoolShape& shape, const Storage& y, const Site& site)
      : max_(max), shape_(shape), y_(y), max_batch_(site.max_batch), threads_(site.threads) {}

  std::string_view Name() const override { return max_ ? "max pooling" : "average pooling"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    if (max_) needs.saved = max_batch_ * y_.Numbers() / 4;  // bytes
    if (kRounds) needs.backward_scratch = threads_ * In();
    return needs;
  }
  void Forward(const StepCall& call) override {
    auto* place = reinterpret_cast<uint8_t*>(call.saved);
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i) {
      const T* x = As<T>(call.x[0]) + i * In();
      T* y = As<T>(call.y) + i * Out();
      if (max_) {
        Planes().max_pool(shape_, x, y, place + i * Out());
      } else {
        Planes().avg_pool(shape_, x, y);
      }
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const auto* place = reinterpret_cast<const uint8_t*>(call.saved);
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i, int worker) {
      T* dx = As<T>(call.dx[0]) + i * In();
      const T* dy = As<T>(call.dy) + i * Out();
      float* sums = call.scratch + worker * In();
      if constexpr (!kRounds) sums = dx;
      std::memset(sums, 0, static_cast<std::size_t>(In()) * sizeof(float));
      if (max_) {
        Planes().max_pool_backward(shape_, dy, place + i * Out(), sums);
      } else {
        Planes().avg_pool_backward(shape_, dy, sums);
      }
      if constexpr (kRounds) Planes().narrow(sums, In() / 16, dx);
    });
  }

 private:
  // The gradient is summed up in floats first.
  static constexpr bool kRounds = !std::is_same_v<T, float>;
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  int64_t In() const { return shape_.h * shape_.w * 16; }
  int64_t Out() const { return shape_.out_h * shape_.out_w * 16; }

  const bool max_;
  const PoolShape shape_;
  const Storage y_;
  const int64_t max_batch_;
  const int threads_;
};

}  // namespace

StepChoice TryPoolStep(const Site& site) {
  const Storage& x = site.x[0];
  if (x.layout != Layout::kBlocked || x.element != site.OutputStorage().element) return {};
  PoolShape shape{};
  bool max = false;
  if (const auto* layer = site.Layer<MaxPool2d>()) {
    const Size2& kernel = layer->options().kernel;
    if (kernel.h * kernel.w > 256) return {};  // a place must fit a byte
    shape = ShapeOf(layer->options(), x, site.OutputStorage());
    max = true;
  } else if (const auto* average = site.Layer<AvgPool2d>()) {
    shape = ShapeOf(average->options(), x, site.OutputStorage());
    shape.count_include_pad = average->options().count_include_pad;
  } else if (site.Layer<GlobalAvgPool>()) {
    shape = {x.h, x.w, 1, 1, x.h, x.w, 1, 1, 0, 0, 0, 0, true};
  } else {
    return {};
  }
  return {MakeMapStep<PoolStep>(x.element, max, shape, site.OutputStorage(), site), 1, site.OutputStorage()};
}

}  // namespace fovea
