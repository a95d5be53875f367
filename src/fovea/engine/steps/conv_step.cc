#include "fovea/engine/steps/conv_step.h"

#include <algorithm>

#include "fovea/engine/steps/conv_geometry.h"
#include "fovea/kernels/conv.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

class ConvStep final : public Step {
 public:
  ConvStep(const ConvGeometry& geometry, ConvMethod method, bool bias, int64_t max_batch, int threads)
      : plan_(geometry, method), bias_(bias), max_batch_(max_batch), threads_(threads) {}

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
    needs.kept = plan_.PackedFloats() + Turned() + BiasFloats();
    needs.forward_scratch = ConvForwardScratch(plan_, max_batch_, threads_);
    needs.backward_scratch = std::max(ConvBackwardDataScratch(plan_, max_batch_, threads_),
                                      ConvWeightGradientScratch(plan_, max_batch_, threads_));
    return needs;
  }

  void Prepare(const StepCall& call) override {
    float* turned = call.mode == Mode::kTraining && Turned() > 0 ? call.kept + plan_.PackedFloats() : nullptr;
    plan_.PackWeights(*call.pool, call.w[0].data(), call.kept, turned);
    if (!bias_) return;
    std::fill_n(Bias(call), BiasFloats(), 0.0f);
    std::copy_n(call.w[1].data(), plan_.geometry().k, Bias(call));
  }

  void Forward(const StepCall& call) override {
    ConvForward(*call.pool, Kernels(), plan_, call.n, call.x[0], call.kept, bias_ ? Bias(call) : nullptr,
                call.y, call.scratch);
  }

  void Backward(const StepCall& call) override {
    ConvWeightGradient(*call.pool, Kernels(), plan_, call.n, call.x[0], call.dy, call.dw[0].data(),
                       bias_ ? call.dw[1].data() : nullptr, call.scratch);
    if (call.dx[0] == nullptr) return;
    ConvBackwardData(*call.pool, Kernels(), plan_, call.n, call.dy, call.kept + plan_.PackedFloats(),
                     call.accumulate[0], call.dx[0], call.scratch);
  }

 private:
  int64_t Turned() const { return plan_.geometry().image ? 0 : plan_.TurnedFloats(); }
  int64_t BiasFloats() const { return bias_ ? plan_.OutBlocks() * 16 : 0; }
  float* Bias(const StepCall& call) const { return call.kept + plan_.PackedFloats() + Turned(); }

  const ConvPlan plan_;
  const bool bias_;
  const int64_t max_batch_;
  const int threads_;
};

ConvMethod MethodFor(const ConvGeometry& geometry, const Site& site) {
  const Arithmetic& arithmetic = site.arithmetic;
  if (arithmetic.precision == Precision::kBfloat16 && ConvPlan::SupportsBfloat16(geometry))
    return ConvMethod::kBfloat16;
  if (arithmetic.numerics == Numerics::kDirect) return ConvMethod::kDirect;
  // In training whole micro-shards go through; an inference program must not depend on its batch.
  return FastMethod(geometry, site.mode == Mode::kTraining ? kMicroShard : 1);
}

}  // namespace

StepChoice TryConvStep(const Site& site) {
  const auto* layer = site.Layer<Conv2d>();
  if (layer == nullptr) return {};
  const ConvGeometry geometry = GeometryOf(*layer, site.x[0]);
  if (!ConvPlan::Supports(geometry)) return {};
  return {std::make_unique<ConvStep>(geometry, MethodFor(geometry, site), layer->options().bias,
                                     site.max_batch, site.threads),
          1, site.OutputStorage()};
}

}  // namespace fovea
