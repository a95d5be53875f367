#include "fovea/engine/steps/depthwise_step.h"

#include <algorithm>

#include "fovea/engine/steps/conv_geometry.h"
#include "fovea/kernels/depthwise.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

class DepthwiseStep final : public Step {
 public:
  DepthwiseStep(const ConvGeometry& geometry, bool bias, int64_t max_batch)
      : plan_(geometry), bias_(bias), max_batch_(max_batch) {}

  std::string_view Name() const override { return "depthwise convolution"; }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.kept = 2 * plan_.PackedFloats() + (bias_ ? plan_.Blocks() * 16 : 0);
    needs.backward_scratch = plan_.BackwardScratch(max_batch_);
    return needs;
  }

  void Prepare(const StepCall& call) override {
    plan_.PackForward(call.w[0].data(), call.kept);
    if (call.mode == Mode::kTraining) plan_.PackBackward(call.w[0].data(), Turned(call));
    if (!bias_) return;
    std::fill_n(Bias(call), plan_.Blocks() * 16, 0.0f);
    std::copy_n(call.w[1].data(), plan_.geometry().c, Bias(call));
  }

  void Forward(const StepCall& call) override {
    plan_.Forward(*call.pool, Kernels(), call.n, call.x[0], call.kept, bias_ ? Bias(call) : nullptr, call.y);
  }

  void Backward(const StepCall& call) override {
    plan_.Backward(*call.pool, Kernels(), call.n, call.x[0], call.dy, Turned(call), call.dx[0],
                   call.dw[0].data(), bias_ ? call.dw[1].data() : nullptr, call.scratch);
  }

 private:
  float* Turned(const StepCall& call) const { return call.kept + plan_.PackedFloats(); }
  float* Bias(const StepCall& call) const { return Turned(call) + plan_.PackedFloats(); }

  const DepthwisePlan plan_;
  const bool bias_;
  const int64_t max_batch_;
};

}  // namespace

StepChoice TryDepthwiseStep(const Site& site) {
  const auto* layer = site.Layer<Conv2d>();
  if (layer == nullptr || layer->options().groups == 1) return {};
  const ConvGeometry geometry = GeometryOf(*layer, site.x[0]);
  if (!DepthwisePlan::Supports(geometry)) return {};
  return {std::make_unique<DepthwiseStep>(geometry, layer->options().bias, site.max_batch), 1,
          site.OutputStorage()};
}

}  // namespace fovea
