#include "fovea/engine/steps/softmax_step.h"

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/softmax.h"

namespace fovea {
namespace {

class SoftmaxStep final : public Step {
 public:
  explicit SoftmaxStep(const Storage& storage) : storage_(storage) {}

  std::string_view Name() const override { return "softmax"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.y_in_backward = needs.in_place = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) {
      float top, sum, *y = call.y + offset;
      Kernels().row.softmax(call.x[0] + offset, storage_.c, y, &top, &sum);
      std::fill(y + storage_.c, y + storage_.Floats(), 0.0f);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) {
      float* dx = call.dx[0] + offset;
      Kernels().row.softmax_backward(call.y + offset, call.dy + offset, storage_.c, dx);
      std::fill(dx + storage_.c, dx + storage_.Floats(), 0.0f);
    });
  }

 private:
  const Storage storage_;
};

}  // namespace

StepChoice TrySoftmaxStep(const Site& site) {
  const Storage& x = site.x[0];
  // Of a flattened map the features do not lie in a row.
  if (!site.Layer<Softmax>() || x.layout != Layout::kBlocked || x.h * x.w != 1) return {};
  return {std::make_unique<SoftmaxStep>(x), 1, x};
}

}  // namespace fovea
