#include "fovea/engine/steps/response_norm_step.h"

#include <algorithm>

#include "fovea/kernels/dispatch.h"
#include "fovea/layers/local_response_norm.h"

namespace fovea {
namespace {

constexpr int64_t kPixels = 64;  // of a task

class ResponseNormStep final : public Step {
 public:
  ResponseNormStep(const LocalResponseNormOptions& o, const Storage& x, int threads)
      : storage_(x),
        shape_{.blocks = (x.c + 15) / 16,
               .pixels = x.h * x.w,
               .before = std::min((o.size - 1) / 2, x.c),
               .after = std::min(o.size / 2, x.c),
               .bias = static_cast<float>(o.bias),
               .share = static_cast<float>(o.alpha / static_cast<double>(o.size)),
               .beta = static_cast<float>(o.beta)},
        threads_(threads) {}

  std::string_view Name() const override { return "local response norm"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.remakes = needs.accumulates = true;
    needs.forward_scratch = threads_ * shape_.Column();
    needs.backward_scratch = 3 * threads_ * shape_.Column();
    return needs;
  }

  void Forward(const StepCall& call) override {
    ForEachRun(call, [&](int64_t at, int64_t count, int worker) {
      Kernels().response.forward(shape_, call.x[0] + at, count, call.scratch + worker * shape_.Column(),
                                 call.y + at);
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    ForEachRun(call, [&](int64_t at, int64_t count, int worker) {
      Kernels().response.backward(shape_, call.x[0] + at, call.dy + at, count, call.accumulate[0],
                                  call.scratch + 3 * worker * shape_.Column(), call.dx[0] + at);
    });
  }

 private:
  // Calls body(offset, pixels, worker) for runs of pixels.
  template <class Body>
  void ForEachRun(const StepCall& call, const Body& body) const {
    const int64_t runs = (shape_.pixels + kPixels - 1) / kPixels;
    call.pool->For(call.n * runs, [&](int64_t task, int worker) {
      const int64_t first = task % runs * kPixels;
      body(task / runs * storage_.Numbers() + first * 16, std::min(kPixels, shape_.pixels - first), worker);
    });
  }

  const Storage storage_;
  const ResponseShape shape_;
  const int64_t threads_;
};

}  // namespace

StepChoice TryResponseNormStep(const Site& site) {
  const auto* layer = site.Layer<LocalResponseNorm>();
  if (layer == nullptr || site.x[0].layout != Layout::kBlocked) return {};
  return {std::make_unique<ResponseNormStep>(layer->options(), site.x[0], site.threads), 1, site.x[0]};
}

}  // namespace fovea
