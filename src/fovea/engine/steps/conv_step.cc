#include "fovea/engine/steps/conv_step.h"

#include <algorithm>

#include "fovea/engine/steps/conv_ending.h"
#include "fovea/engine/steps/conv_geometry.h"
#include "fovea/engine/steps/joined_groups.h"
#include "fovea/kernels/conv.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

class ConvStep final : public Step {
 public:
  ConvStep(const JoinedGroups& groups, ConvMethod method, const ConvEnding& ending, const Site& site)
      : groups_(groups),
        plan_(groups.geometry(), method),
        ending_(ending),
        training_(site.mode == Mode::kTraining),
        max_batch_(site.max_batch),
        threads_(site.threads) {}

  std::string_view Name() const override {
    switch (plan_.method()) {
      case ConvMethod::kDirect:
        return "direct convolution";
      case ConvMethod::kBfloat16:
        return "bfloat16 convolution";
      default:
        return "Winograd convolution";
    }
  }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.accumulates = true;
    needs.normalises = plan_.Normalises();
    needs.forward_packed = plan_.PackedFloats() + BiasFloats() + groups_.Floats();
    needs.forward_scratch = ConvForwardScratch(plan_, max_batch_, threads_);
    if (!training_) return needs;
    needs.backward_packed = plan_.geometry().image ? 0 : plan_.TurnedFloats() + groups_.Floats();
    needs.backward_scratch =
        std::max(ConvBackwardDataScratch(plan_, max_batch_, threads_),
                 groups_.Floats() + ConvWeightGradientScratch(plan_, max_batch_, threads_));
    return needs;
  }

  void PackForward(const StepCall& call) override {
    const int64_t k = plan_.geometry().k;
    std::vector<float> scaled;
    const float* w = groups_.Widened(ending_.Weights(call, k, scaled), Bias(call) + BiasFloats());
    plan_.PackWeights(*call.pool, Kernels(), w, call.packed, nullptr);
    if (ending_.HasBias()) ending_.WriteBias(call, k, BiasFloats(), Bias(call));
  }
  void PackBackward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const float* w = groups_.Widened(call.w[0].data(), call.packed + plan_.TurnedFloats());
    plan_.PackWeights(*call.pool, Kernels(), w, nullptr, call.packed);
  }

  void Forward(const StepCall& call) override {
    ConvForward(*call.pool, Kernels(), plan_, call.n, {ending_.Input(call), call.norm}, call.packed,
                ending_.For(call, Bias(call)), call.y, call.scratch);
  }

  void Backward(const StepCall& call) override {
    ConvWeightGradient(*call.pool, Kernels(), plan_, call.n, {call.x[0], call.norm}, call.dy,
                       groups_.Begin(call.dw[0].data(), call.scratch),
                       ending_.HasBias() ? call.dw[1].data() : nullptr, call.scratch + groups_.Floats());
    groups_.Finish(call.scratch, call.dw[0].data());
    if (call.dx[0] == nullptr) return;
    ConvBackwardData(*call.pool, Kernels(), plan_, call.n, call.dy, call.packed, call.accumulate[0],
                     call.dx[0], call.scratch);
  }

 private:
  int64_t BiasFloats() const { return ending_.HasBias() ? plan_.OutBlocks() * 16 : 0; }
  float* Bias(const StepCall& call) const { return call.packed + plan_.PackedFloats(); }

  const JoinedGroups groups_;
  const ConvPlan plan_;
  const ConvEnding ending_;
  const bool training_;
  const int64_t max_batch_;
  const int threads_;
};

}  // namespace

StepChoice TryConvStep(const Site& site) {
  const auto* layer = site.Layer<Conv2d>();
  if (layer == nullptr) return {};
  const ConvGeometry geometry = GeometryOf(*layer, site.x[0]);
  if (geometry.groups > 1 && geometry.groups == geometry.c && geometry.groups == geometry.k)
    return {};  // depthwise
  const JoinedGroups groups(geometry);
  if (!ConvPlan::Supports(groups.geometry()) || (site.halves && groups.any())) return {};
  const ConvMethod method = MethodFor(groups.geometry(), site);
  if (site.halves != (method == ConvMethod::kBfloat16)) return {};
  const ConvEnding ending(site, layer->options().bias, true);
  StepChoice choice{std::make_unique<ConvStep>(groups, method, ending, site), 1 + ending.nodes(),
                    site.OutputStorage()};
  if (ending.other() >= 0) choice.first_inputs = {ending.other()};
  return choice;
}

}  // namespace fovea
