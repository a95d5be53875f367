#include "fovea/engine/steps/resize_step.h"

#include "fovea/engine/steps/plane_task.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/layers/resize_taps.h"

namespace fovea {
namespace {

// What each place of one side reads of the other.
class AxisTable {
 public:
  explicit AxisTable(const std::vector<ResizeTaps>& places) {
    for (const ResizeTaps& taps : places) {
      for (const ResizeTap& tap : taps) {
        at_.push_back(static_cast<int32_t>(tap.at));
        weight_.push_back(static_cast<float>(tap.weight));
      }
      start_.push_back(static_cast<int32_t>(at_.size()));
    }
  }
  AxisMix mix() const {
    return {static_cast<int64_t>(start_.size()) - 1, start_.data(), at_.data(), weight_.data()};
  }

 private:
  std::vector<int32_t> start_{0}, at_;
  std::vector<float> weight_;
};

// Who reads each of the other side's places.
std::vector<ResizeTaps> Readers(const std::vector<ResizeTaps>& places, int64_t extent) {
  std::vector<ResizeTaps> readers(static_cast<std::size_t>(extent));
  for (std::size_t p = 0; p < places.size(); p++) {
    for (const ResizeTap& tap : places[p])
      readers[static_cast<std::size_t>(tap.at)].push_back({static_cast<int64_t>(p), tap.weight});
  }
  return readers;
}

template <class T>
class ResizeStep final : public Step {
 public:
  ResizeStep(const Resize& layer, const Storage& x, const Storage& y) : x_(x), y_(y) {
    const Shape shape{1, x.c, x.h, x.w};
    const auto rows = RowTaps(layer.options(), shape), columns = ColumnTaps(layer.options(), shape);
    for (const auto& taps : {rows, columns, Readers(rows, x.h), Readers(columns, x.w)})
      tables_.emplace_back(taps);
  }

  std::string_view Name() const override { return "resize"; }
  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.remakes = needs.accumulates = true;
    return needs;
  }

  void Forward(const StepCall& call) override {
    Mix(call, {tables_[0].mix(), tables_[1].mix(), x_.w}, x_, As<T>(call.x[0]), false, As<T>(call.y));
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    Mix(call, {tables_[2].mix(), tables_[3].mix(), y_.w}, y_, As<T>(call.dy), call.accumulate[0],
        As<T>(call.dx[0]));
  }

 private:
  static void Mix(const StepCall& call, const PlaneMix& mix, const Storage& from, const T* x, bool accumulate,
                  T* y) {
    const int64_t read = from.h * from.w * 16, written = mix.rows.places * mix.columns.places * 16;
    ForEachPlane(*call.pool, from, call.n,
                 [&](int64_t i) { Kernels().maps<T>().mix(mix, x + i * read, accumulate, y + i * written); });
  }

  const Storage x_, y_;
  std::vector<AxisTable> tables_;  // rows and columns of y, then of dx
};

}  // namespace

StepChoice TryResizeStep(const Site& site) {
  const auto* layer = site.Layer<Resize>();
  if (layer == nullptr || site.x[0].layout != Layout::kBlocked) return {};
  const Storage y = site.OutputStorage();
  return {MakeMapStep<ResizeStep>(site.x[0].element, *layer, site.x[0], y), 1, y};
}

}  // namespace fovea
