#include "fovea/engine/steps/widened_step.h"

#include <algorithm>
#include <utility>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"

namespace fovea {
namespace {

class WidenedStep final : public Step {
 public:
  WidenedStep(std::unique_ptr<Step> step, std::vector<Storage> x, const Storage& y, int64_t max_batch)
      : step_(std::move(step)), inner_(step_->Needs()), x_(std::move(x)), y_(y), max_batch_(max_batch) {}

  std::string_view Name() const override { return step_->Name(); }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = inner_.x_in_backward;
    needs.y_in_backward = inner_.y_in_backward;
    needs.saved = inner_.saved;
    needs.forward_packed = inner_.forward_packed, needs.backward_packed = inner_.backward_packed;
    int64_t inputs = 0;
    for (const Storage& x : x_) inputs += Room(x);
    needs.forward_scratch = inner_.forward_scratch + inputs + Room(y_);
    needs.backward_scratch = inner_.backward_scratch + 2 * inputs + 2 * Room(y_);
    return needs;
  }

  void PackForward(const StepCall& call) override { step_->PackForward(call); }
  void PackBackward(const StepCall& call) override { step_->PackBackward(call); }

  void Forward(const StepCall& call) override {
    StepCall inner = call;
    inner.scratch += WidenInputs(call, inner, call.scratch);
    float* y = Take(y_, inner.scratch);
    inner.y = y ? y : call.y;
    step_->Forward(inner);
    if (y) Round(call, y_, y, call.y);
  }

  void Backward(const StepCall& call) override {
    StepCall inner = call;
    inner.scratch += WidenInputs(call, inner, call.scratch);
    if (float* y = Take(y_, inner.scratch)) {
      if (inner_.y_in_backward) WidenMap(call, y_, call.y, y);
      inner.y = y;
      inner.dy = Take(y_, inner.scratch);
      WidenMap(call, y_, call.dy, inner.dy);
    }
    for (std::size_t i = 0; i < x_.size(); i++) {
      float* dx = Take(x_[i], inner.scratch);
      if (dx && call.dx[i]) inner.dx[i] = dx;
    }
    step_->Backward(inner);
    for (std::size_t i = 0; i < x_.size(); i++) {
      if (call.dx[i] && inner.dx[i] != call.dx[i]) Round(call, x_[i], inner.dx[i], call.dx[i]);
    }
  }

 private:
  // Floats of the widened map; 0 for what is made of floats.
  int64_t Room(const Storage& s) const { return s.element == Element::kFloat ? 0 : max_batch_ * s.Numbers(); }
  float* Take(const Storage& s, float*& free) const {
    return Room(s) == 0 ? nullptr : std::exchange(free, free + Room(s));
  }

  // Returns how many floats it took.
  int64_t WidenInputs(const StepCall& call, StepCall& inner, float* free) const {
    const float* first = free;
    for (std::size_t i = 0; i < x_.size(); i++) {
      float* x = Take(x_[i], free);
      if (x == nullptr) continue;
      WidenMap(call, x_[i], call.x[i], x);
      inner.x[i] = x;
    }
    return free - first;
  }

  static void WidenMap(const StepCall& call, const Storage& s, const float* from, float* to) {
    ForEachImage(*call.pool, s, call.n, [&](int64_t at) {
      Kernels().half.plane.widen(As<Bfloat16>(from) + at, s.Numbers() / 16, to + at);
    });
  }
  static void Round(const StepCall& call, const Storage& s, const float* from, float* to) {
    ForEachImage(*call.pool, s, call.n, [&](int64_t at) {
      Kernels().half.plane.narrow(from + at, s.Numbers() / 16, As<Bfloat16>(to) + at);
    });
  }

  const std::unique_ptr<Step> step_;
  const StepNeeds inner_;
  const std::vector<Storage> x_;
  const Storage y_;
  const int64_t max_batch_;
};

}  // namespace

StepChoice Widen(const Site& site, StepChoice choice) {
  std::vector<Storage> x;
  for (int value : choice.first_inputs) x.push_back(site.values[static_cast<std::size_t>(value)]);
  x.insert(x.end(), site.x.begin(), site.x.end());
  if (site.at(choice.nodes - 1).shape.rank() == 4) choice.y.element = Element::kBfloat16;
  const auto halved = [](const Storage& s) { return s.element == Element::kBfloat16; };
  if (!halved(choice.y) && std::none_of(x.begin(), x.end(), halved)) return choice;
  choice.step = std::make_unique<WidenedStep>(std::move(choice.step), std::move(x), choice.y, site.max_batch);
  return choice;
}

}  // namespace fovea
