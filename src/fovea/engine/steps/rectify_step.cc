#include "fovea/engine/steps/rectify_step.h"

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/relu.h"

namespace fovea {
namespace {

class RectifyStep final : public Step {
 public:
  RectifyStep(const Storage& storage, float slope) : storage_(storage), slope_(slope) {}

  std::string_view Name() const override { return "rectify"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.y_in_backward = needs.in_place = needs.accumulates = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      Kernels().plane.rectify(call.x[0] + i * pixels * 16, pixels, slope_, call.y + i * pixels * 16);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      Kernels().plane.rectify_backward(call.y + i * pixels * 16, call.dy + i * pixels * 16, pixels, slope_,
                                       call.accumulate[0], call.dx[0] + i * pixels * 16);
    });
  }

 private:
  const Storage storage_;
  const float slope_;
};

}  // namespace

StepChoice TryRectifyStep(const Site& site) {
  if (site.x[0].layout != Layout::kBlocked) return {};
  if (site.Layer<Relu>()) return {std::make_unique<RectifyStep>(site.x[0], 0.0f), 1, site.x[0]};
  if (const auto* leaky = site.Layer<LeakyRelu>(); leaky && leaky->options().slope > 0) {
    return {std::make_unique<RectifyStep>(site.x[0], static_cast<float>(leaky->options().slope)), 1,
            site.x[0]};
  }
  return {};
}

}  // namespace fovea
