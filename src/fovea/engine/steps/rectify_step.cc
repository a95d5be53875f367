#include "fovea/engine/steps/rectify_step.h"

#include "fovea/engine/steps/plane_task.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/leaky_relu.h"
#include "fovea/layers/relu.h"
#include "fovea/layers/relu6.h"

namespace fovea {
namespace {

template <class T>
class RectifyStep final : public Step {
 public:
  RectifyStep(const Storage& storage, const Rectifier& rectifier)
      : storage_(storage), rectifier_(rectifier) {}

  std::string_view Name() const override { return "rectify"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.y_in_backward = needs.in_place = needs.remakes = needs.accumulates = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      Planes().rectify(As<T>(call.x[0]) + at, pixels, &rectifier_, As<T>(call.y) + at);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      Planes().rectify_backward(As<T>(call.y) + at, As<T>(call.dy) + at, pixels, &rectifier_,
                                call.accumulate[0], As<T>(call.dx[0]) + at);
    });
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }

  const Storage storage_;
  const Rectifier rectifier_;
};

}  // namespace

std::optional<Rectifier> RectifierOf(const Layer* layer) {
  if (dynamic_cast<const Relu*>(layer)) return Rectifier{};
  if (dynamic_cast<const Relu6*>(layer)) return Rectifier{.cap = 6};
  const auto* leaky = dynamic_cast<const LeakyRelu*>(layer);
  if (leaky && leaky->options().slope > 0)
    return Rectifier{.slope = static_cast<float>(leaky->options().slope)};
  return {};
}

StepChoice TryRectifyStep(const Site& site) {
  const auto rectifier = RectifierOf(site.at().layer.get());
  if (!rectifier || !site.x[0].InBlocks()) return {};
  return {MakeMapStep<RectifyStep>(site.x[0].element, site.x[0], *rectifier), 1, site.x[0]};
}

}  // namespace fovea
