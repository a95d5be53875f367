#include "fovea/engine/steps/add_step.h"

#include <optional>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/add.h"

namespace fovea {
namespace {

template <class T>
class AddStep final : public Step {
 public:
  AddStep(const Storage& storage, std::optional<Rectifier> rectifier)
      : storage_(storage), rectifier_(rectifier) {}

  std::string_view Name() const override { return rectifier_ ? "add + rectify" : "add"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.y_in_backward = rectifier_.has_value();
    needs.in_place = needs.remakes = needs.accumulates = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      const T* sum = As<T>(call.x[0]) + at;
      T* y = As<T>(call.y) + at;
      for (std::size_t j = 1; j < call.x.size(); j++) {
        const bool last = j + 1 == call.x.size();
        Planes().add(sum, As<T>(call.x[j]) + at, pixels, last ? Pointer() : nullptr, y);
        sum = y;
      }
    });
  }
  // The first gradient may take the place of dy: then it comes last. Else it comes first, since the same value may be read twice.
  void Backward(const StepCall& call) override {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      const std::size_t count = call.dx.size(), first = call.dx[0] == call.dy ? 1 : 0;
      for (std::size_t k = first; k < count + first; k++) {
        const std::size_t j = k % count;
        if (call.dx[j] == nullptr || (call.dx[j] == call.dy && !rectifier_)) continue;
        Planes().rectify_backward(As<T>(call.y) + at, As<T>(call.dy) + at, pixels, Pointer(),
                                  call.accumulate[j], As<T>(call.dx[j]) + at);
      }
    });
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  const Rectifier* Pointer() const { return rectifier_ ? &*rectifier_ : nullptr; }

  const Storage storage_;
  const std::optional<Rectifier> rectifier_;
};

}  // namespace

StepChoice TryAddStep(const Site& site) {
  const auto* layer = dynamic_cast<const Add*>(site.at().layer.get());
  if (layer == nullptr || layer->HasOperand()) return {};
  for (const Storage& x : site.x) {
    if (x != site.x[0] || !x.InBlocks()) return {};
  }
  const auto rectifier = RectifierOf(site.Layer<Layer>(1));
  return {MakeMapStep<AddStep>(site.x[0].element, site.x[0], rectifier), rectifier ? 2 : 1, site.x[0]};
}

}  // namespace fovea
