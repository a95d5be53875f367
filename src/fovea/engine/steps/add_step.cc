#include "fovea/engine/steps/add_step.h"

#include <cstring>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/add.h"

namespace fovea {
namespace {

class AddStep final : public Step {
 public:
  explicit AddStep(const Storage& storage) : storage_(storage) {}

  std::string_view Name() const override { return "add"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.accumulates = true;
    return needs;
  }
  void Forward(const StepCall& call) override {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      Kernels().plane.add(call.x[0] + at, call.x[1] + at, pixels, call.y + at);
      for (std::size_t j = 2; j < call.x.size(); j++) {
        Kernels().plane.add(call.y + at, call.x[j] + at, pixels, call.y + at);
      }
    });
  }
  void Backward(const StepCall& call) override {
    const int64_t pixels = storage_.h * storage_.w;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels * 16;
      for (std::size_t j = 0; j < call.dx.size(); j++) {
        if (call.dx[j] == nullptr) continue;
        if (call.accumulate[j]) {
          Kernels().plane.add(call.dx[j] + at, call.dy + at, pixels, call.dx[j] + at);
        } else {
          std::memcpy(call.dx[j] + at, call.dy + at, static_cast<std::size_t>(pixels) * 64);
        }
      }
    });
  }

 private:
  const Storage storage_;
};

}  // namespace

StepChoice TryAddStep(const Site& site) {
  if (dynamic_cast<const Add*>(site.at().layer.get()) == nullptr) return {};
  for (const Storage& x : site.x) {
    if (x != site.x[0] || x.layout != Layout::kBlocked) return {};
  }
  return {std::make_unique<AddStep>(site.x[0]), 1, site.x[0]};
}

}  // namespace fovea
