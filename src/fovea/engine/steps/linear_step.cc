#include "fovea/engine/steps/linear_step.h"

#include <algorithm>

#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/linear.h"
#include "fovea/layers/linear.h"

namespace fovea {
namespace {

class LinearStep final : public Step {
 public:
  LinearStep(const LinearGeometry& geometry, bool bias, const Site& site)
      : g_(geometry), bias_(bias), scratch_(LinearScratch(geometry, site.max_batch, site.threads)) {}

  std::string_view Name() const override { return "affine"; }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.forward_packed = g_.PackedFloats() + g_.OutBlocks() * 16;
    needs.backward_packed = g_.PackedFloats();
    needs.forward_scratch = needs.backward_scratch = scratch_;
    return needs;
  }

  void PackForward(const StepCall& call) override {
    LinearPackWeights(*call.pool, g_, call.w[0].data(), call.packed);
    std::fill_n(Bias(call), g_.OutBlocks() * 16, 0.0f);
    if (bias_) std::copy_n(call.w[1].data(), g_.k, Bias(call));
  }

  void PackBackward(const StepCall& call) override {
    if (call.dx[0] != nullptr) LinearTurnWeights(*call.pool, g_, call.w[0].data(), call.packed);
  }

  void Forward(const StepCall& call) override {
    LinearForward(*call.pool, Kernels(), g_, call.n, call.x[0], call.packed, Bias(call), call.y,
                  call.scratch);
  }

  void Backward(const StepCall& call) override {
    LinearWeightGradient(*call.pool, Kernels(), g_, call.n, call.x[0], call.dy, call.dw[0].data(),
                         bias_ ? call.dw[1].data() : nullptr, call.scratch);
    if (call.dx[0] == nullptr) return;
    LinearBackwardData(*call.pool, Kernels(), g_, call.n, call.dy, call.packed, call.dx[0], call.scratch);
  }

 private:
  float* Bias(const StepCall& call) const { return call.packed + g_.PackedFloats(); }

  const LinearGeometry g_;
  const bool bias_;
  const int64_t scratch_;
};

}  // namespace

StepChoice TryLinearStep(const Site& site) {
  const auto* layer = site.Layer<Linear>();
  if (layer == nullptr || site.x[0].layout != Layout::kBlocked) return {};
  const LinearGeometry geometry{site.x[0].c, site.x[0].h, site.x[0].w, layer->options().features};
  return {std::make_unique<LinearStep>(geometry, layer->options().bias, site), 1, site.OutputStorage()};
}

}  // namespace fovea
