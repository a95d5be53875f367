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

class PoolStep final : public Step {
 public:
  PoolStep(bool max, const PoolShape& shape, const Storage& y, int64_t max_batch)
      : max_(max), shape_(shape), y_(y), max_batch_(max_batch) {}

  std::string_view Name() const override { return max_ ? "max pooling" : "average pooling"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    if (max_) needs.saved = max_batch_ * y_.Floats() / 4;  // bytes
    return needs;
  }
  void Forward(const StepCall& call) override {
    auto* place = reinterpret_cast<uint8_t*>(call.saved);
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i) {
      const float* x = call.x[0] + i * In();
      if (max_) {
        Kernels().plane.max_pool(shape_, x, call.y + i * Out(), place + i * Out());
      } else {
        Kernels().plane.avg_pool(shape_, x, call.y + i * Out());
      }
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const auto* place = reinterpret_cast<const uint8_t*>(call.saved);
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i) {
      float* dx = call.dx[0] + i * In();
      std::memset(dx, 0, static_cast<std::size_t>(In()) * sizeof(float));
      if (max_) {
        Kernels().plane.max_pool_backward(shape_, call.dy + i * Out(), place + i * Out(), dx);
      } else {
        Kernels().plane.avg_pool_backward(shape_, call.dy + i * Out(), dx);
      }
    });
  }

 private:
  int64_t In() const { return shape_.h * shape_.w * 16; }
  int64_t Out() const { return shape_.out_h * shape_.out_w * 16; }

  const bool max_;
  const PoolShape shape_;
  const Storage y_;
  const int64_t max_batch_;
};

}  // namespace

StepChoice TryPoolStep(const Site& site) {
  const Storage& x = site.x[0];
  if (x.layout != Layout::kBlocked) return {};
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
  return {std::make_unique<PoolStep>(max, shape, site.OutputStorage(), site.max_batch), 1,
          site.OutputStorage()};
}

}  // namespace fovea
