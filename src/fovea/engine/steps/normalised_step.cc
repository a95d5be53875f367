#include "fovea/engine/steps/normalised_step.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "fovea/engine/steps/batch_norm_pass.h"
#include "fovea/engine/steps/conv_step.h"
#include "fovea/engine/steps/depthwise_step.h"
#include "fovea/engine/steps/pool_step.h"
#include "fovea/engine/steps/rectifier.h"

namespace fovea {
namespace {

constexpr std::ptrdiff_t kNormParameters = 2;

// `reader`, on maps of T, with the batch norm before it.
template <class T>
class NormalisedStep final : public Step {
 public:
  NormalisedStep(const BatchNorm& layer, const std::optional<Rectifier>& rectifier,
                 const std::shared_ptr<Step>& reader, const Site& site)
      : pass_(layer, site.x[0], site),
        rectifier_(rectifier),
        reader_(reader),
        name_("batch norm + " + std::string(reader->Name())),
        x_(site.x[0]) {}

  std::string_view Name() const override { return name_; }

  StepNeeds Needs() const override {
    StepNeeds needs = reader_->Needs();
    needs.x_in_backward = {0};
    needs.accumulates = needs.normalises = false;
    needs.forward_again = pass_.MeasuresBatch() ? 1 : 0;
    needs.backward_again = 4;
    needs.saved += pass_.Saved();
    needs.forward_scratch = std::max(needs.forward_scratch, pass_.ForwardScratch());
    needs.backward_scratch = std::max(needs.backward_scratch, pass_.BackwardScratch());
    return needs;
  }

  void PackForward(const StepCall& call) override { reader_->PackForward(ReaderCall(call, nullptr)); }
  // Whether there is a dx or not, that of the reader is wanted.
  void PackBackward(const StepCall& call) override {
    StepCall inner = ReaderCall(call, nullptr);
    inner.dx[0] = inner.dy;
    reader_->PackBackward(inner);
  }

  void Forward(const StepCall& call) override {
    pass_.Measure(call, As<T>(call.x[0]));
    const Normalisation norm = pass_.Norm(call, Pointer());
    reader_->Forward(ReaderCall(call, &norm));
  }

  // The gradient by the normalised map takes the place of dx; where that is not wanted, a place of its own.
  void Backward(const StepCall& call) override {
    std::vector<float> own(static_cast<std::size_t>(call.dx[0] ? 0 : call.n * x_.Floats()));
    const Normalisation norm = pass_.Norm(call, Pointer());
    StepCall inner = ReaderCall(call, &norm);
    if (call.dx[0] == nullptr) inner.dx[0] = own.data();
    reader_->Backward(inner);
    pass_.Backward(call, As<T>(call.x[0]), Pointer(), As<T>(inner.dx[0]), As<T>(call.dx[0]), false,
                   [](int64_t) {});
  }

 private:
  const Rectifier* Pointer() const { return rectifier_ ? &*rectifier_ : nullptr; }

  StepCall ReaderCall(const StepCall& call, const Normalisation* norm) const {
    StepCall inner = call;
    inner.norm = norm;
    inner.w.erase(inner.w.begin(), inner.w.begin() + kNormParameters);
    inner.dw.erase(inner.dw.begin(), inner.dw.begin() + kNormParameters);
    if (inner.saved != nullptr) inner.saved += pass_.Saved();
    return inner;
  }

  const BatchNormPass<T> pass_;
  const std::optional<Rectifier> rectifier_;
  const std::shared_ptr<Step> reader_;
  const std::string name_;
  const Storage x_;
};

}  // namespace

StepChoice TryNormalisedStep(const Site& site) {
  const BatchNorm* layer = site.mode == Mode::kTraining ? NormOfMaps(site) : nullptr;
  if (layer == nullptr) return {};
  const auto rectifier = RectifierOf(site.Layer<Layer>(1));
  const int before = rectifier ? 2 : 1;
  if (site.Layer<Layer>(before) == nullptr) return {};
  const Site at = site.From(before);  // it reads a map like the batch norm's
  StepChoice reader = TryDepthwiseStep(at);
  if (!reader) reader = TryConvStep(at);
  if (!reader) reader = TryPoolStep(at);
  if (!reader || !reader.step->Needs().normalises) return {};
  const std::shared_ptr<Step> step = std::move(reader.step);
  return {MakeMapStep<NormalisedStep>(site.x[0].element, *layer, rectifier, step, site),
          before + reader.nodes, reader.y};
}

}  // namespace fovea
