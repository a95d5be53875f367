#include "fovea/engine/steps/depthwise_step.h"

#include <algorithm>

#include "fovea/engine/steps/conv_ending.h"
#include "fovea/engine/steps/conv_geometry.h"
#include "fovea/kernels/depthwise.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

template <class T>
class DepthwiseStep final : public Step {
 public:
  DepthwiseStep(const ConvGeometry& geometry, const ConvEnding& ending, const Site& site)
      : plan_(geometry),
        ending_(ending),
        training_(site.mode == Mode::kTraining),
        max_batch_(site.max_batch),
        threads_(site.threads) {}

  std::string_view Name() const override { return "depthwise convolution"; }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.forward_packed = plan_.PackedFloats() + BiasFloats();
    if (!training_) return needs;
    needs.normalises = true;
    needs.forward_scratch = plan_.ForwardScratch(threads_);
    needs.backward_packed = plan_.PackedFloats();
    needs.backward_scratch = plan_.BackwardScratch(max_batch_, threads_);
    return needs;
  }

  void PackForward(const StepCall& call) override {
    const int64_t c = plan_.geometry().c;
    std::vector<float> scaled;
    plan_.PackForward(ending_.Weights(call, c, scaled), call.packed);
    if (ending_.HasBias()) ending_.WriteBias(call, c, BiasFloats(), Bias(call));
  }

  void PackBackward(const StepCall& call) override { plan_.PackBackward(call.w[0].data(), call.packed); }

  void Forward(const StepCall& call) override {
    plan_.Forward<T>(*call.pool, Kernels(), call.n, {As<T>(call.x[0]), call.norm}, call.packed,
                     ending_.For(call, Bias(call)), As<T>(call.y), call.scratch);
  }

  void Backward(const StepCall& call) override {
    plan_.Backward<T>(*call.pool, Kernels(), call.n, {As<T>(call.x[0]), call.norm}, As<T>(call.dy),
                      call.packed, As<T>(call.dx[0]), call.dw[0].data(),
                      ending_.HasBias() ? call.dw[1].data() : nullptr, call.scratch);
  }

 private:
  float* Bias(const StepCall& call) const { return call.packed + plan_.PackedFloats(); }
  int64_t BiasFloats() const { return ending_.HasBias() ? plan_.Blocks() * 16 : 0; }

  const DepthwisePlan plan_;
  const ConvEnding ending_;
  const bool training_;
  const int64_t max_batch_;
  const int threads_;
};

}  // namespace

StepChoice TryDepthwiseStep(const Site& site) {
  const auto* layer = site.Layer<Conv2d>();
  if (layer == nullptr || layer->options().groups == 1) return {};
  const ConvGeometry geometry = GeometryOf(*layer, site.x[0]);
  if (!DepthwisePlan::Supports(geometry)) return {};
  const ConvEnding ending(site, layer->options().bias, false);
  return {MakeMapStep<DepthwiseStep>(site.x[0].element, geometry, ending, site), 1 + ending.nodes(),
          site.OutputStorage()};
}

}  // namespace fovea
