#include "fovea/engine/steps/pool_step.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "fovea/engine/steps/plane_task.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/read_plane.h"
#include "fovea/layers/avg_pool2d.h"
#include "fovea/layers/global_avg_pool.h"
#include "fovea/layers/global_max_pool.h"
#include "fovea/layers/max_pool2d.h"
#include "fovea/layers/reduce.h"

namespace fovea {
namespace {

// A window whose places are next to each other, as the kernels have it.
bool IsDense(const Pool2dOptions& o) { return o.dilation == Size2{1, 1}; }

PoolShape ShapeOf(const Pool2dOptions& o, const Storage& x, const Storage& y) {
  const Padding pad = PoolPadding(o, {1, x.c, x.h, x.w});
  return {x.h,        x.w,     y.h,      y.w,        o.kernel.h, o.kernel.w, o.stride.h,
          o.stride.w, pad.top, pad.left, pad.bottom, pad.right,  true};
}

template <class T>
class PoolStep final : public Step {
 public:
  PoolStep(bool max, const std::optional<Rectifier>& rectifier, const PoolShape& shape, const Storage& y,
           const Site& site)
      : max_(max),
        rectifier_(rectifier),
        shape_(shape),
        y_(y),
        max_batch_(site.max_batch),
        training_(site.mode == Mode::kTraining),
        threads_(site.threads) {}

  std::string_view Name() const override {
    if (rectifier_) return "rectify + max pooling";
    return max_ ? "max pooling" : "average pooling";
  }
  StepNeeds Needs() const override {
    StepNeeds needs;
    if (max_) needs.saved = max_batch_ * y_.Numbers() / 4;  // bytes
    if (!training_) return needs;
    needs.normalises = true;
    needs.forward_scratch = threads_ * In();
    if (kRounds) needs.backward_scratch = threads_ * In();
    return needs;
  }
  void Forward(const StepCall& call) override {
    auto* place = reinterpret_cast<uint8_t*>(call.saved);
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i, int worker) {
      const T* x = ReadPlane(Kernels(), call.norm, As<T>(call.x[0]), i, (y_.c + 15) / 16, In() / 16,
                             call.scratch, worker);
      T* y = As<T>(call.y) + i * Out();
      if (max_) {
        Planes().max_pool(shape_, x, rectifier_ ? &*rectifier_ : nullptr, y, place + i * Out());
      } else {
        Planes().avg_pool(shape_, x, y);
      }
    });
  }
  void Backward(const StepCall& call) override {
    if (call.dx[0] == nullptr) return;
    const auto* place = reinterpret_cast<const uint8_t*>(call.saved);
    ForEachPlane(*call.pool, y_, call.n, [&](int64_t i, int worker) {
      T* dx = As<T>(call.dx[0]) + i * In();
      const T* dy = As<T>(call.dy) + i * Out();
      float* sums = call.scratch + worker * In();
      if constexpr (!kRounds) sums = dx;
      std::memset(sums, 0, static_cast<std::size_t>(In()) * sizeof(float));
      if (max_) {
        Planes().max_pool_backward(shape_, dy, place + i * Out(), sums);
      } else {
        Planes().avg_pool_backward(shape_, dy, sums);
      }
      if constexpr (kRounds) Planes().narrow(sums, In() / 16, dx);
    });
  }

 private:
  // The gradient is summed up in floats first.
  static constexpr bool kRounds = !std::is_same_v<T, float>;
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  int64_t In() const { return shape_.h * shape_.w * 16; }
  int64_t Out() const { return shape_.out_h * shape_.out_w * 16; }

  const bool max_;
  const std::optional<Rectifier> rectifier_;  // before it
  const PoolShape shape_;
  const Storage y_;
  const int64_t max_batch_;
  const bool training_;
  const int threads_;
};

// A pooling of whole planes under any of its names: whether it takes the maximum, or the mean.
std::optional<bool> GlobalMax(const Site& site) {
  if (site.Layer<GlobalAvgPool>()) return false;
  if (site.Layer<GlobalMaxPool>()) return true;
  const auto* reduce = site.Layer<Reduce>();
  if (reduce == nullptr || site.InputShapes()[0].rank() != 4) return {};
  std::vector<int64_t> axes = reduce->options().axes;
  for (int64_t& axis : axes) axis = axis < 0 ? axis + 4 : axis;
  std::sort(axes.begin(), axes.end());
  const std::string& op = reduce->options().op;
  if (axes != std::vector<int64_t>{2, 3} || (op != "mean" && op != "max")) return {};
  return op == "max";
}

}  // namespace

StepChoice TryPoolStep(const Site& site) {
  const Storage& x = site.x[0];
  std::optional<Rectifier> rectifier = RectifierOf(site.at().layer.get());
  if (rectifier && (rectifier->slope != 0 || site.Layer<MaxPool2d>(1) == nullptr)) return {};
  const int nodes = rectifier ? 2 : 1;
  const Storage y = site.OutputStorage(nodes - 1);
  if (x.layout != Layout::kBlocked || x.element != y.element) return {};
  PoolShape shape{};
  bool max = false;
  if (const auto* layer = site.Layer<MaxPool2d>(nodes - 1)) {
    const Size2& kernel = layer->options().kernel;
    if (!IsDense(layer->options()) || (layer->Splits() && site.mode == Mode::kTraining)) return {};
    if (kernel.h * kernel.w > (rectifier ? kNoPlace : kNoPlace + 1)) return {};  // a place must fit a byte
    shape = ShapeOf(layer->options(), x, y);
    max = true;
  } else if (const auto* average = site.Layer<AvgPool2d>()) {
    if (!IsDense(average->options())) return {};
    shape = ShapeOf(average->options(), x, y);
    shape.count_include_pad = average->options().count_include_pad;
  } else if (const auto global_max = GlobalMax(site)) {
    shape = {x.h, x.w, 1, 1, x.h, x.w, 1, 1, 0, 0, 0, 0, true};
    max = *global_max;
    if (max && x.h * x.w > kNoPlace + 1) return {};
  } else {
    return {};
  }
  return {MakeMapStep<PoolStep>(x.element, max, rectifier, shape, y, site), nodes, y};
}

}  // namespace fovea
