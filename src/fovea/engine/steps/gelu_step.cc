#include "fovea/engine/steps/gelu_step.h"

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/gelu.h"

namespace fovea {
namespace {

class GeluStep final : public Step {
 public:
  GeluStep(const Storage& storage, bool tanh_form) : storage_(storage), tanh_form_(tanh_form) {}

  std::string_view Name() const override { return "gelu"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.in_place = needs.remakes = needs.accumulates = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    const bool stream = call.y != call.x[0] && Streams(storage_, call.n);
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      Kernels().single.gelu.forward(call.x[0] + at, pixels, tanh_form_, stream, call.y + at);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      Kernels().single.gelu.backward(call.x[0] + at, call.dy + at, pixels, tanh_form_, call.accumulate[0],
                                     call.dx[0] + at);
    });
  }

 private:
  const Storage storage_;
  const bool tanh_form_;
};

}  // namespace

StepChoice TryGeluStep(const Site& site) {
  const auto* layer = site.Layer<Gelu>();
  if (layer == nullptr || site.x[0].layout != Layout::kBlocked) return {};
  return {std::make_unique<GeluStep>(site.x[0], layer->options().approximate == "tanh"), 1, site.x[0]};
}

}  // namespace fovea
