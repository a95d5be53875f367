#include "fovea/engine/steps/batch_norm_step.h"

#include <algorithm>
#include <optional>

#include "fovea/engine/steps/batch_norm_pass.h"
#include "fovea/engine/steps/curve.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/layers/add.h"

namespace fovea {
namespace {

// On maps of T.
template <class T>
class BatchNormStep final : public Step {
 public:
  BatchNormStep(const BatchNorm& layer, const Storage& storage, bool joined,
                std::optional<Rectifier> rectifier, std::optional<Curve> curve, const Site& site)
      : pass_(layer, storage, site),
        storage_(storage),
        joined_(joined),
        rectifier_(rectifier),
        curve_(curve),
        pixels_(storage.h * storage.w) {}

  std::string_view Name() const override {
    if (joined_) return rectifier_ ? "batch norm + add + rectify" : "batch norm + add";
    if (curve_) return "batch norm + pointwise";
    return rectifier_ ? "batch norm + rectify" : "batch norm";
  }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {joined_ ? 1 : 0};
    needs.y_in_backward = joined_ && rectifier_;
    needs.in_place = needs.remakes = needs.accumulates = true;
    needs.forward_again = pass_.MeasuresBatch() ? 1 : 0;
    needs.backward_again = joined_ || curve_ ? 3 : 2;
    needs.saved = pass_.Saved();
    needs.forward_scratch = pass_.ForwardScratch();
    needs.backward_scratch = pass_.BackwardScratch();
    return needs;
  }

  void Forward(const StepCall& call) override {
    pass_.Measure(call, In(call));
    Remake(call);
  }

  void Remake(const StepCall& call) override {
    const bool in_place = std::find(call.x.begin(), call.x.end(), call.y) != call.x.end();
    const bool stream = !in_place && Streams(storage_, call.n);
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16;
      if (curve_) {
        ForEachPart(call, i, [&](int64_t from, int64_t pixels, const float* normal) {
          Kernels().maps<T>().pointwise.forward(*curve_, normal, pixels, stream, As<T>(call.y) + from);
        });
        return ClearLanes(storage_, i, pixels_, As<T>(call.y) + at);
      }
      Planes().normalise(pass_.NormOfPlane(call, i, Pointer()), In(call) + at,
                         joined_ ? As<T>(call.x[0]) + at : nullptr, pixels_, stream, As<T>(call.y) + at);
    });
  }

  void Backward(const StepCall& call) override {
    T* dy = As<T>(call.dy);
    pass_.Backward(call, In(call), Gate(), dy, As<T>(call.dx[X()]), call.accumulate[X()], [&](int64_t i) {
      if (joined_) PassJoin(call, i * pixels_ * 16);
      if (!curve_) return;
      ForEachPart(call, i, [&](int64_t from, int64_t pixels, const float* normal) {
        Kernels().maps<T>().pointwise.backward(*curve_, normal, dy + from, pixels, false, dy + from);
      });
      ClearLanes(storage_, i, pixels_, dy + i * pixels_ * 16);
    });
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  // Which input is normalised; a joined value comes before it.
  std::size_t X() const { return joined_ ? 1 : 0; }
  const T* In(const StepCall& call) const { return As<T>(call.x[X()]); }
  const Rectifier* Pointer() const { return rectifier_ ? &*rectifier_ : nullptr; }
  // The rectifier whose gradient is made again from x: that behind a join reads y.
  const Rectifier* Gate() const { return joined_ ? nullptr : Pointer(); }

  // Visits plane i in parts that stay in the first-level cache: (offset, pixels, what they are normalised to).
  template <class Visit>
  void ForEachPart(const StepCall& call, int64_t i, const Visit& visit) const {
    constexpr int64_t kPixels = 64;
    alignas(64) float normal[kPixels * 16];
    const Normalisation norm = pass_.NormOfPlane(call, i, nullptr);
    for (int64_t p = 0; p < pixels_; p += kPixels) {
      const int64_t from = (i * pixels_ + p) * 16, pixels = std::min(kPixels, pixels_ - p);
      Planes().widen(In(call) + from, pixels, normal);
      Kernels().single.plane.normalise(norm, normal, nullptr, pixels, false, normal);
      visit(from, pixels, normal);
    }
  }

  // Of a plane: takes dy, in its place, to the gradient of the sum, which is that of both inputs.
  void PassJoin(const StepCall& call, int64_t at) const {
    T* dy = As<T>(call.dy) + at;
    if (rectifier_) Planes().rectify_backward(As<T>(call.y) + at, dy, pixels_, Pointer(), false, dy);
    if (call.dx[0] == nullptr || call.dx[0] == call.dy) return;
    Planes().rectify_backward(nullptr, dy, pixels_, nullptr, call.accumulate[0], As<T>(call.dx[0]) + at);
  }

  const BatchNormPass<T> pass_;
  const Storage storage_;
  const bool joined_;
  const std::optional<Rectifier> rectifier_;
  const std::optional<Curve> curve_;  // follows
  const int64_t pixels_;
};

}  // namespace

StepChoice TryBatchNormStep(const Site& site) {
  const auto* layer = NormOfMaps(site);
  if (layer == nullptr) return {};
  const int other = site.Joined<Add>();
  const bool joined = other > 0 && site.values[static_cast<std::size_t>(other)] == site.x[0];
  const auto rectifier = RectifierOf(site.From(joined ? 1 : 0).Layer<Layer>(1));
  const auto curve = joined || rectifier ? std::nullopt : CurveOf(site.Layer<Layer>(1));
  StepChoice choice{
      MakeMapStep<BatchNormStep>(site.x[0].element, *layer, site.x[0], joined, rectifier, curve, site),
      1 + (joined ? 1 : 0) + (rectifier || curve ? 1 : 0), site.x[0]};
  if (joined) choice.first_inputs = {other};
  return choice;
}

}  // namespace fovea
