#include "fovea/engine/steps/conv_transpose_step.h"

#include <algorithm>

#include "fovea/engine/steps/conv_geometry.h"
#include "fovea/engine/steps/joined_groups.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/bfloat16.h"
#include "fovea/kernels/conv.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/shard_tree.h"
#include "fovea/layers/conv_transpose2d.h"

namespace fovea {
namespace {

// On maps of T. In the plan's words y is the input and x the output.
template <class T>
class ConvTransposeStep final : public Step {
 public:
  ConvTransposeStep(const JoinedGroups& groups, ConvMethod method, bool bias, const Storage& y,
                    const Site& site)
      : groups_(groups),
        plan_(groups.geometry(), method),
        bias_(bias),
        training_(site.mode == Mode::kTraining),
        y_(y),
        max_batch_(site.max_batch),
        threads_(site.threads) {}

  std::string_view Name() const override { return "transposed convolution"; }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.forward_packed = plan_.TurnedFloats() + BiasFloats() + groups_.Floats();
    needs.forward_scratch = ConvBackwardDataScratch(plan_, max_batch_, threads_);
    if (!training_) return needs;
    needs.backward_packed = plan_.PackedFloats() + groups_.Floats();
    needs.backward_scratch = std::max(
        {ConvForwardScratch(plan_, max_batch_, threads_),
         groups_.Floats() + ConvWeightGradientScratch(plan_, max_batch_, threads_), max_batch_ * Lanes()});
    return needs;
  }

  void PackForward(const StepCall& call) override {
    const float* w = groups_.Widened(call.w[0].data(), call.packed + plan_.TurnedFloats() + BiasFloats());
    plan_.PackWeights(*call.pool, Kernels(), w, nullptr, call.packed);
    if (!bias_) return;
    T* bias = Bias(call);
    std::fill_n(bias, Lanes(), T{});
    for (int64_t k = 0; k < y_.c; k++) RoundTo(call.w[1][k], bias[k]);
  }
  void PackBackward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const float* w = groups_.Widened(call.w[0].data(), call.packed + plan_.PackedFloats());
    plan_.PackWeights(*call.pool, Kernels(), w, call.packed, nullptr);
  }

  // The kernel has no bias: it adds to a map of it.
  void Forward(const StepCall& call) override {
    if (bias_) {
      ForEachPlane(*call.pool, y_, call.n, [&](int64_t i) {
        const T* bias = Bias(call) + i * 16 % Lanes();
        T* y = As<T>(call.y) + i * Pixels() * 16;
        for (int64_t p = 0; p < Pixels(); p++) std::copy_n(bias, 16, y + p * 16);
      });
    }
    ConvBackwardData(*call.pool, Kernels(), plan_, call.n, call.x[0], call.packed, bias_, call.y,
                     call.scratch);
  }

  void Backward(const StepCall& call) override {
    ConvWeightGradient(*call.pool, Kernels(), plan_, call.n, call.dy, call.x[0],
                       groups_.Begin(call.dw[0].data(), call.scratch), nullptr,
                       call.scratch + groups_.Floats());
    groups_.Finish(call.scratch, call.dw[0].data());
    if (bias_) AddBiasGradient(call);
    if (call.dx[0] == nullptr) return;
    ConvForward(*call.pool, Kernels(), plan_, call.n, call.dy, call.packed, {}, call.dx[0], call.scratch);
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  int64_t BiasFloats() const { return bias_ ? Lanes() : 0; }
  int64_t Lanes() const { return (y_.c + 15) / 16 * 16; }
  int64_t Pixels() const { return y_.h * y_.w; }
  T* Bias(const StepCall& call) const { return As<T>(call.packed + plan_.TurnedFloats()); }

  // Sums of planes, then up the tree of micro-shards.
  void AddBiasGradient(const StepCall& call) const {
    float* sums = call.scratch;
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i) {
      std::fill_n(sums + i * 16, 16, 0.0f);
      Planes().sum(As<T>(call.dy) + i * Pixels() * 16, Pixels(), sums + i * 16);
    });
    for (int64_t k = 0; k < y_.c; k++) {
      call.dw[1][k] += static_cast<float>(
          SumShards(call.n, [&](int64_t n) { return static_cast<double>(sums[n * Lanes() + k]); }));
    }
  }

  const JoinedGroups groups_;
  const ConvPlan plan_;
  const bool bias_, training_;
  const Storage y_;
  const int64_t max_batch_;
  const int threads_;
};

}  // namespace

StepChoice TryConvTransposeStep(const Site& site) {
  const auto* layer = site.Layer<ConvTranspose2d>();
  const Storage& x = site.x[0];
  if (layer == nullptr || x.layout != Layout::kBlocked) return {};
  const Storage y = site.OutputStorage();
  const JoinedGroups groups(GeometryOf(Conv2d(layer->Transposed(x.c)), y));
  const ConvGeometry& geometry = groups.geometry();
  // Output padding beyond the stride would give the convolution more rows.
  if (!ConvPlan::Supports(geometry) || geometry.OutH() != x.h || geometry.OutW() != x.w) return {};
  const ConvMethod method = MethodFor(geometry, site);
  if (site.halves && groups.any()) return {};
  if (site.halves != (method == ConvMethod::kBfloat16)) return {};
  return {MakeMapStep<ConvTransposeStep>(x.element, groups, method, layer->options().bias, y, site), 1, y};
}

}  // namespace fovea
