#include "fovea/engine/steps/pointwise_step.h"

#include "fovea/engine/steps/curve.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

template <class T>
class PointwiseStep final : public Step {
 public:
  PointwiseStep(const Storage& storage, const Curve& curve, std::string_view name)
      : storage_(storage), curve_(curve), name_(name) {}

  std::string_view Name() const override { return name_; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.in_place = needs.remakes = needs.accumulates = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    const bool stream = call.y != call.x[0] && Streams(storage_, call.n);
    ForEachPart(call, As<T>(call.y), [&](const float* x, int64_t at, int64_t pixels) {
      Kernels().maps<T>().pointwise.forward(curve_, x, pixels, stream, As<T>(call.y) + at);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    ForEachPart(call, As<T>(call.dx[0]), [&](const float* x, int64_t at, int64_t pixels) {
      Kernels().maps<T>().pointwise.backward(curve_, x, As<T>(call.dy) + at, pixels, call.accumulate[0],
                                             As<T>(call.dx[0]) + at);
    });
  }

 private:
  // Visits x in parts as floats: (x, offset, pixels); the lanes of `result` behind the last channel are cleared.
  template <class Visit>
  void ForEachPart(const StepCall& call, T* result, const Visit& visit) const {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      if constexpr (std::is_same_v<T, float>) {
        visit(call.x[0] + at, at, pixels);
      } else {
        constexpr int64_t kPixels = 64;  // stay in the first-level cache
        alignas(64) float x[kPixels * 16];
        for (int64_t p = 0; p < pixels; p += kPixels) {
          const int64_t from = at + p * 16, count = std::min(kPixels, pixels - p);
          Kernels().half.plane.widen(As<T>(call.x[0]) + from, count, x);
          visit(x, from, count);
        }
      }
      ClearLanes(storage_, i, pixels, result + at);
    });
  }

  const Storage storage_;
  const Curve curve_;
  const std::string_view name_;
};

}  // namespace

StepChoice TryPointwiseStep(const Site& site) {
  const Layer* layer = site.at().layer.get();
  const auto curve = CurveOf(layer);
  if (!curve || !site.x[0].InBlocks()) return {};
  return {MakeMapStep<PointwiseStep>(site.x[0].element, site.x[0], *curve, layer->Type()), 1, site.x[0]};
}

}  // namespace fovea
