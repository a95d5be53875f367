#include "fovea/engine/steps/softmax_step.h"

#include <algorithm>

#include "fovea/base/math.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/softmax.h"

namespace fovea {
namespace {

// Both on rows of features; lanes behind the last one are 0.
class SoftmaxStep final : public Step {
 public:
  SoftmaxStep(const Storage& storage, bool log) : storage_(storage), log_(log) {}

  std::string_view Name() const override { return log_ ? "log softmax" : "softmax"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.y_in_backward = true;
    needs.in_place = !log_;  // the logarithm reads x once more when y has been used, and its gradient dy
    return needs;
  }
  void Forward(const StepCall& call) override {
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) {
      const float* x = call.x[0] + offset;
      float top, sum, *y = call.y + offset;
      Kernels().row.softmax(x, storage_.c, y, &top, &sum);
      if (log_) {
        const float log = Log(sum);
        for (int64_t j = 0; j < storage_.c; j++) y[j] = x[j] - top - log;
      }
      std::fill(y + storage_.c, y + storage_.Floats(), 0.0f);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    ForEachImage(*call.pool, storage_, call.n, [&](int64_t offset) {
      const float *y = call.y + offset, *dy = call.dy + offset;
      float* dx = call.dx[0] + offset;
      if (log_) {
        LogBackward(y, dy, dx);
      } else {
        Kernels().row.softmax_backward(y, dy, storage_.c, dx);
      }
      std::fill(dx + storage_.c, dx + storage_.Floats(), 0.0f);
    });
  }

 private:
  void LogBackward(const float* y, const float* dy, float* dx) const {
    double sum = 0;
    for (int64_t j = 0; j < storage_.c; j++) sum += static_cast<double>(dy[j]);
    Kernels().row.exp(y, storage_.Floats(), dx);
    for (int64_t j = 0; j < storage_.c; j++) dx[j] = dy[j] - dx[j] * static_cast<float>(sum);
  }

  const Storage storage_;
  const bool log_;
};

}  // namespace

StepChoice TrySoftmaxStep(const Site& site) {
  const auto* softmax = site.Layer<Softmax>();
  const auto* log = site.Layer<LogSoftmax>();
  const Storage& x = site.x[0];
  if ((!softmax && !log) || (softmax ? softmax->options() : log->options()).axis != 1) return {};
  // Of a flattened map the features do not lie in a row.
  if (x.layout != Layout::kBlocked || x.h * x.w != 1) return {};
  return {std::make_unique<SoftmaxStep>(x, log != nullptr), 1, x};
}

}  // namespace fovea
