#include "fovea/engine/steps/batch_norm_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "fovea/base/error.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/kernels/conv_plan.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/shard_tree.h"
#include "fovea/layers/add.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/layers/gelu.h"

namespace fovea {
namespace {

// Mean and sum of squared deviations of `count` values.
struct Moments {
  double count, mean, m2;
};

// Chan, Golub & LeVeque 1983.
Moments MergeMoments(const Moments& a, const Moments& b) {
  const double count = a.count + b.count, delta = b.mean - a.mean;
  return {count, a.mean + delta * (b.count / count),
          a.m2 + b.m2 + delta * delta * (a.count * b.count / count)};
}

// On maps of T.
template <class T>
class BatchNormStep final : public Step {
 public:
  BatchNormStep(const BatchNorm& layer, const Storage& storage, bool joined,
                std::optional<Rectifier> rectifier, const Gelu* gelu, const Site& site)
      : options_(layer.options()),
        batch_(layer.UsesBatch(site.mode)),
        storage_(storage),
        joined_(joined),
        rectifier_(rectifier),
        gelu_(gelu != nullptr),
        tanh_form_(gelu != nullptr && gelu->options().approximate == "tanh"),
        max_batch_(site.max_batch),
        blocks_((storage.c + 15) / 16),
        pixels_(storage.h * storage.w) {}

  std::string_view Name() const override {
    if (joined_) return rectifier_ ? "batch norm + add + rectify" : "batch norm + add";
    if (gelu_) return "batch norm + gelu";
    return rectifier_ ? "batch norm + rectify" : "batch norm";
  }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {joined_ ? 1 : 0};
    needs.y_in_backward = joined_ && rectifier_;
    needs.in_place = needs.remakes = needs.accumulates = true;
    needs.saved = 4 * Lanes();                                        // mean, scale, shift, r
    needs.forward_scratch = 2 * max_batch_ * Lanes();                 // mean and m2 of every plane
    needs.backward_scratch = 3 * Lanes() + 2 * max_batch_ * Lanes();  // a, b, c; two sums of every plane
    return needs;
  }

  void Forward(const StepCall& call) override {
    float *mean = call.saved, *scale = mean + Lanes(), *shift = scale + Lanes(), *r = shift + Lanes();
    float* parts = call.scratch;
    if (batch_) {
      if (call.n * pixels_ < 2) {
        throw ShapeError(
            fmt::format("batch norm trains on at least 2 values a channel, got {}", call.n * pixels_));
      }
      ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
        Planes().statistics(In(call) + i * pixels_ * 16, pixels_, parts + i * 32, parts + i * 32 + 16);
      });
    }
    call.pool->For(blocks_, [&](int64_t b, int) {
      for (int64_t lane = 0; lane < 16; lane++) {
        const int64_t c = b * 16 + lane;
        if (c >= storage_.c) {
          mean[c] = r[c] = scale[c] = shift[c] = 0;  // tail lanes come out as zero
          continue;
        }
        const Moments m =
            batch_ ? BatchMoments(call, parts, c) : Moments{1, call.state[0][c], call.state[1][c]};
        mean[c] = static_cast<float>(m.mean);
        r[c] = static_cast<float>(1 / std::sqrt(m.m2 / m.count + options_.eps));
        scale[c] = call.w[0][c] * r[c];
        shift[c] = call.w[1][c];
      }
    });
    Remake(call);
  }

  void Remake(const StepCall& call) override {
    const bool in_place = std::find(call.x.begin(), call.x.end(), call.y) != call.x.end();
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16;
      if (gelu_) {
        return ForEachPart(call, i, [&](int64_t from, int64_t pixels, const float* normal) {
          Kernels().maps<T>().gelu.forward(normal, pixels, tanh_form_, !in_place && Streams(storage_, call.n),
                                           As<T>(call.y) + from);
        });
      }
      Planes().normalise(NormOf(call, i, Pointer()), In(call) + at, joined_ ? As<T>(call.x[0]) + at : nullptr,
                         pixels_, !in_place && Streams(storage_, call.n), As<T>(call.y) + at);
    });
  }

  void Backward(const StepCall& call) override {
    float *a = call.scratch, *b = a + Lanes(), *c = b + Lanes(), *parts = c + Lanes();
    const float* r = call.saved + 3 * Lanes();
    T* dy = As<T>(call.dy);
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16;
      if (joined_) PassJoin(call, at);
      if (gelu_) {
        ForEachPart(call, i, [&](int64_t from, int64_t pixels, const float* normal) {
          Kernels().maps<T>().gelu.backward(normal, dy + from, pixels, tanh_form_, false, dy + from);
        });
      }
      Planes().normalise_sums(NormOf(call, i, Gate()), In(call) + at, dy + at, pixels_, parts + i * 32,
                              parts + i * 32 + 16);
    });
    const double m = static_cast<double>(call.n * pixels_);
    call.pool->For(blocks_, [&](int64_t block, int) {
      for (int64_t lane = block * 16; lane < block * 16 + 16; lane++) {
        a[lane] = b[lane] = c[lane] = 0;
        if (lane >= storage_.c) continue;
        const auto [sum_dy, sum_dyx] = Sums(call, parts, lane);
        const double rl = r[lane], gain = call.w[0][lane] * rl;
        call.dw[0][lane] += static_cast<float>(sum_dyx * rl);
        call.dw[1][lane] += static_cast<float>(sum_dy);
        a[lane] = static_cast<float>(gain);
        if (!batch_) continue;
        b[lane] = static_cast<float>(-gain * rl * rl * (sum_dyx / m));
        c[lane] = static_cast<float>(-gain * (sum_dy / m));
      }
    });
    if (call.dx[X()] == nullptr) return;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t lane = i % blocks_ * 16, at = i * pixels_ * 16;
      Planes().normalise_backward(NormOf(call, i, Gate()), In(call) + at, dy + at, pixels_, a + lane,
                                  b + lane, c + lane, call.accumulate[X()], As<T>(call.dx[X()]) + at);
    });
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  int64_t Lanes() const { return blocks_ * 16; }
  // Which input is normalised; a joined value comes before it.
  std::size_t X() const { return joined_ ? 1 : 0; }
  const T* In(const StepCall& call) const { return As<T>(call.x[X()]); }
  const Rectifier* Pointer() const { return rectifier_ ? &*rectifier_ : nullptr; }
  // The rectifier whose gradient is made again from x: that behind a join reads y.
  const Rectifier* Gate() const { return joined_ ? nullptr : Pointer(); }

  // Of plane i.
  Normalisation NormOf(const StepCall& call, int64_t i, const Rectifier* rectifier) const {
    const float* mean = call.saved + i % blocks_ * 16;
    return {mean, mean + Lanes(), mean + 2 * Lanes(), rectifier};
  }

  // Visits plane i in parts that stay in the first-level cache: (offset, pixels, what they are normalised to).
  template <class Visit>
  void ForEachPart(const StepCall& call, int64_t i, const Visit& visit) const {
    constexpr int64_t kPixels = 64;
    alignas(64) float normal[kPixels * 16];
    const Normalisation norm = NormOf(call, i, nullptr);
    for (int64_t p = 0; p < pixels_; p += kPixels) {
      const int64_t from = (i * pixels_ + p) * 16, pixels = std::min(kPixels, pixels_ - p);
      Planes().widen(In(call) + from, pixels, normal);
      Kernels().single.plane.normalise(norm, normal, nullptr, pixels, false, normal);
      visit(from, pixels, normal);
    }
  }

  // Of a plane: takes dy, in its place, to the gradient of the sum, which is that of both inputs.
  void PassJoin(const StepCall& call, int64_t at) const {
    T* dy = As<T>(call.dy) + at;
    if (rectifier_) Planes().rectify_backward(As<T>(call.y) + at, dy, pixels_, Pointer(), false, dy);
    if (call.dx[0] == nullptr || call.dx[0] == call.dy) return;
    Planes().rectify_backward(nullptr, dy, pixels_, nullptr, call.accumulate[0], As<T>(call.dx[0]) + at);
  }

  // Of the batch; updates the running statistics.
  Moments BatchMoments(const StepCall& call, const float* parts, int64_t c) const {
    const double pixels = static_cast<double>(pixels_);
    const auto leaf = [&](int64_t n) {
      const float* part = parts + (n * blocks_ + c / 16) * 32 + c % 16;
      return Moments{pixels, part[0], part[16]};
    };
    const Moments m = MergeShards<Moments>(call.n, kMicroShard, leaf, MergeMoments);
    const double unbiased = m.m2 / (m.count - 1);
    float &running_mean = call.state[0][c], &running_var = call.state[1][c];
    running_mean = static_cast<float>(running_mean + options_.momentum * (m.mean - running_mean));
    running_var = static_cast<float>(running_var + options_.momentum * (unbiased - running_var));
    return m;
  }

  std::array<double, 2> Sums(const StepCall& call, const float* parts, int64_t c) const {
    using Pair = std::array<double, 2>;
    const auto leaf = [&](int64_t n) {
      const float* part = parts + (n * blocks_ + c / 16) * 32 + c % 16;
      return Pair{part[0], part[16]};
    };
    return MergeShards<Pair>(call.n, kMicroShard, leaf, [](const Pair& p, const Pair& q) {
      return Pair{p[0] + q[0], p[1] + q[1]};
    });
  }

  const BatchNormOptions options_;
  const bool batch_;
  const Storage storage_;
  const bool joined_;
  const std::optional<Rectifier> rectifier_;
  const bool gelu_, tanh_form_;  // a GELU follows; its form
  const int64_t max_batch_, blocks_, pixels_;
};

}  // namespace

StepChoice TryBatchNormStep(const Site& site) {
  const auto* layer = site.Layer<BatchNorm>();
  if (layer == nullptr || site.x[0].layout != Layout::kBlocked) return {};
  // A flattened map has one channel a pixel; its storage does not show them.
  if (site.InputShapes()[0][1] != site.x[0].c) return {};
  const int other = site.Joined<Add>();
  const bool joined = other > 0 && site.values[static_cast<std::size_t>(other)] == site.x[0];
  const auto rectifier = RectifierOf(site.From(joined ? 1 : 0).Layer<Layer>(1));
  const auto* gelu = joined || rectifier ? nullptr : site.Layer<Gelu>(1);
  StepChoice choice{
      MakeMapStep<BatchNormStep>(site.x[0].element, *layer, site.x[0], joined, rectifier, gelu, site),
      1 + (joined ? 1 : 0) + (rectifier || gelu ? 1 : 0), site.x[0]};
  if (joined) choice.first_inputs = {other};
  return choice;
}

}  // namespace fovea
