#include "fovea/engine/steps/dropout_step.h"

#include <cstring>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/dropout.h"

namespace fovea {
namespace {

template <class T>
class DropoutStep final : public Step {
 public:
  DropoutStep(const Storage& storage, double rate, int64_t max_batch)
      : storage_(storage), rate_(rate), max_batch_(max_batch) {}

  std::string_view Name() const override { return "dropout"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.in_place = needs.remakes = needs.accumulates = true;
    needs.saved = max_batch_ * storage_.Numbers() / 4;  // bytes
    return needs;
  }
  void Forward(const StepCall& call) override {
    auto* keep = reinterpret_cast<uint8_t*>(call.saved);
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) {
      DrawKept(call.random, offset / storage_.Numbers(), keep + offset);
      Drop(call, offset);
    });
  }
  void Remake(const StepCall& call) override {
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) { Drop(call, offset); });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const auto* keep = reinterpret_cast<const uint8_t*>(call.saved);
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) {
      Kernels().maps<T>().plane.drop(As<T>(call.dy) + offset, keep + offset, Blocks(), Factor(),
                                     call.accumulate[0], As<T>(call.dx[0]) + offset);
    });
  }

 private:
  int64_t Blocks() const { return storage_.Numbers() / 16; }
  float Factor() const { return static_cast<float>(1 / (1 - rate_)); }

  void Drop(const StepCall& call, int64_t offset) const {
    const auto* keep = reinterpret_cast<const uint8_t*>(call.saved) + offset;
    Kernels().maps<T>().plane.drop(As<T>(call.x[0]) + offset, keep, Blocks(), Factor(), false,
                                   As<T>(call.y) + offset);
  }

  // Element i in plain order is word i of the sample's stream.
  void DrawKept(const CallRandom& random, int64_t n, uint8_t* keep) const {
    const bool turned = storage_.layout == Layout::kTurned;
    const int64_t pixels = storage_.h * storage_.w;
    const int64_t outer = turned ? pixels : storage_.c, inner = turned ? storage_.c : pixels;
    std::memset(keep, 0, static_cast<std::size_t>(storage_.Numbers()));
    RandomStream stream(random.key, static_cast<uint64_t>(random.Sample(n)));
    for (int64_t o = 0; o < outer; o++) {
      for (int64_t i = 0; i < inner; i++) {
        const int64_t c = turned ? i : o, p = turned ? o : i;
        keep[(c / 16 * pixels + p) * 16 + c % 16] = stream.Uniform() >= rate_;
      }
    }
  }

  const Storage storage_;
  const double rate_;
  const int64_t max_batch_;
};

}  // namespace

StepChoice TryDropoutStep(const Site& site) {
  const auto* layer = site.Layer<Dropout>();
  if (layer == nullptr || !site.x[0].InBlocks() || site.mode == Mode::kInference) return {};
  return {MakeMapStep<DropoutStep>(site.x[0].element, site.x[0], layer->options().rate, site.max_batch), 1,
          site.x[0]};
}

}  // namespace fovea
