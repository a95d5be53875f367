#include "fovea/engine/steps/concat_step.h"

#include <algorithm>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/layers/concat.h"

namespace fovea {
namespace {

// Copies `channels` channels of one image from channel `from_c` of one blocked map to channel `to_c` of another.
void CopyChannels(const float* from, int64_t from_c, float* to, int64_t to_c, int64_t channels,
                  int64_t pixels) {
  for (int64_t c = 0; c < channels;) {
    const int64_t source = from_c + c, target = to_c + c;
    const float* a = from + source / 16 * pixels * 16 + source % 16;
    float* b = to + target / 16 * pixels * 16 + target % 16;
    const int64_t lanes = std::min({channels - c, 16 - source % 16, 16 - target % 16});
    if (lanes == 16) {
      std::copy_n(a, pixels * 16, b);
    } else {
      for (int64_t i = 0; i < pixels; i++) std::copy_n(a + i * 16, lanes, b + i * 16);
    }
    c += lanes;
  }
}

class ConcatStep final : public Step {
 public:
  ConcatStep(const std::vector<Storage>& x, const Storage& y) : x_(x), y_(y) {}

  std::string_view Name() const override { return "concat"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.remakes = true;
    return needs;
  }

  void Forward(const StepCall& call) override {
    ForEachImage(*call.pool, y_, call.n, [&](int64_t offset) {
      const int64_t n = offset / y_.Floats();
      ClearTail(y_, call.y + offset);
      ForEachInput([&](std::size_t i, int64_t first) {
        CopyChannels(call.x[i] + n * x_[i].Floats(), 0, call.y + offset, first, x_[i].c, Pixels());
      });
    });
  }

  void Backward(const StepCall& call) override {
    ForEachImage(*call.pool, y_, call.n, [&](int64_t offset) {
      const int64_t n = offset / y_.Floats();
      ForEachInput([&](std::size_t i, int64_t first) {
        if (call.dx[i] == nullptr) return;
        float* dx = call.dx[i] + n * x_[i].Floats();
        ClearTail(x_[i], dx);
        CopyChannels(call.dy + offset, first, dx, 0, x_[i].c, Pixels());
      });
    });
  }

 private:
  int64_t Pixels() const { return y_.h * y_.w; }

  // Calls visit(input, its first channel in y).
  template <class Visit>
  void ForEachInput(const Visit& visit) const {
    int64_t first = 0;
    for (std::size_t i = 0; i < x_.size(); first += x_[i++].c) visit(i, first);
  }

  // Zeros the last block of an image, when it has lanes beyond its channels.
  static void ClearTail(const Storage& storage, float* image) {
    const int64_t plane = storage.h * storage.w * 16;
    if (storage.c % 16 != 0) std::fill_n(image + storage.Floats() - plane, plane, 0.0f);
  }

  const std::vector<Storage> x_;
  const Storage y_;
};

}  // namespace

StepChoice TryConcatStep(const Site& site) {
  const auto* concat = site.Layer<Concat>();
  if (concat == nullptr || concat->options().axis != 1) return {};
  const Storage y = site.OutputStorage();
  for (const Storage& x : site.x) {
    if (x.layout != Layout::kBlocked || x.h != y.h || x.w != y.w) return {};
  }
  return {std::make_unique<ConcatStep>(site.x, y), 1, y};
}

}  // namespace fovea
