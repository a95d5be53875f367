#include "fovea/engine/steps/view_step.h"

#include <algorithm>

#include "fovea/layers/dropout.h"
#include "fovea/layers/flatten.h"

namespace fovea {
namespace {

class ViewStep final : public Step {
 public:
  explicit ViewStep(int64_t floats) : floats_(floats) {}

  std::string_view Name() const override { return "view"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.view = needs.remakes = true;
    return needs;
  }
  // The program may have had to give the two values buffers of their own.
  void Forward(const StepCall& call) override {
    if (call.y != call.x[0]) std::copy_n(call.x[0], call.n * floats_, call.y);
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] != nullptr && call.dx[0] != call.dy) std::copy_n(call.dy, call.n * floats_, call.dx[0]);
  }

 private:
  const int64_t floats_;
};

}  // namespace

StepChoice TryViewStep(const Site& site) {
  const bool idle = site.Layer<Dropout>() && site.mode == Mode::kInference;
  if ((!site.Layer<Flatten>() && !idle) || site.x[0].layout != Layout::kBlocked) return {};
  if (site.x[0].element != site.OutputStorage().element) return {};
  return {std::make_unique<ViewStep>(site.x[0].Floats()), 1, site.x[0]};
}

}  // namespace fovea
