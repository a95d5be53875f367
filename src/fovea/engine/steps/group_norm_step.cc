#include "fovea/engine/steps/group_norm_step.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fovea/engine/steps/moments.h"
#include "fovea/engine/steps/plane_task.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/kernels/conv_plan.h"
#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/read_plane.h"
#include "fovea/kernels/shard_tree.h"
#include "fovea/layers/group_norm.h"
#include "fovea/layers/instance_norm.h"
#include "fovea/layers/layer_norm.h"

namespace fovea {
namespace {

// Any of the three layers as a group norm.
std::optional<GroupNormOptions> GroupsOf(const Site& site) {
  const Shape x = site.InputShapes()[0];
  if (const auto* layer = site.Layer<GroupNorm>()) return layer->options();
  if (const auto* layer = site.Layer<InstanceNorm>())
    return GroupNormOptions{x[1], layer->options().eps, layer->options().affine};
  const auto* layer = site.Layer<LayerNorm>();
  if (layer == nullptr || layer->options().affine) return {};
  if (static_cast<int>(layer->options().shape.size()) != x.rank() - 1) return {};
  return GroupNormOptions{1, layer->options().eps, false};
}

// On maps of T.
template <class T>
class GroupNormStep final : public Step {
 public:
  GroupNormStep(const GroupNormOptions& options, const std::optional<Rectifier>& rectifier,
                const Storage& storage, const Site& site)
      : options_(options),
        rectifier_(rectifier),
        storage_(storage),
        max_batch_(site.max_batch),
        blocks_((storage.c + 15) / 16),
        pixels_(storage.h * storage.w),
        each_(storage.c / options.groups) {}

  std::string_view Name() const override { return rectifier_ ? "group norm + rectify" : "group norm"; }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.in_place = needs.remakes = needs.accumulates = true;
    needs.saved = 4 * max_batch_ * Lanes();             // mean, scale, shift, r
    needs.forward_scratch = 2 * max_batch_ * Lanes();   // mean and m2 of every plane
    needs.backward_scratch = 5 * max_batch_ * Lanes();  // sums of every plane; a, b, c
    return needs;
  }

  void Forward(const StepCall& call) override {
    float* parts = call.scratch;
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      Planes().statistics(As<T>(call.x[0]) + i * pixels_ * 16, pixels_, parts + i * 32, parts + i * 32 + 16);
    });
    call.pool->For(call.n, [&](int64_t n, int) { FindNorms(call, parts, n); });
    Remake(call);
  }

  void Remake(const StepCall& call) override {
    const bool stream = call.x[0] != call.y && Streams(storage_, call.n);
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16;
      Planes().normalise(NormOfPlane(call, i), As<T>(call.x[0]) + at, nullptr, pixels_, stream,
                         As<T>(call.y) + at);
    });
  }

  void Backward(const StepCall& call) override {
    const int64_t size = max_batch_ * Lanes();
    float *parts = call.scratch, *a = parts + 2 * size, *b = a + size, *c = b + size;
    const T *x = As<T>(call.x[0]), *dy = As<T>(call.dy);
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16;
      Planes().normalise_sums(NormOfPlane(call, i), x + at, dy + at, pixels_, parts + i * 32,
                              parts + i * 32 + 16);
    });
    if (options_.affine) AddParameterGradients(call, parts);
    if (call.dx[0] == nullptr) return;
    call.pool->For(call.n, [&](int64_t n, int) {
      const int64_t first = n * Lanes();
      FindCoefficients(call, parts, n, a + first, b + first, c + first);
    });
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      const int64_t at = i * pixels_ * 16, lane = i * 16;
      Planes().normalise_backward(NormOfPlane(call, i), x + at, dy + at, pixels_, a + lane, b + lane,
                                  c + lane, call.accumulate[0], As<T>(call.dx[0]) + at);
    });
  }

 private:
  static const PlaneTable<T>& Planes() { return Kernels().maps<T>().plane; }
  int64_t Lanes() const { return blocks_ * 16; }
  double Count() const { return static_cast<double>(each_ * pixels_); }
  double Gamma(const StepCall& call, int64_t c) const { return options_.affine ? call.w[0][c] : 1; }
  // The two sums of channel c of image n.
  const float* Part(const float* parts, int64_t n, int64_t c) const {
    return parts + (n * blocks_ + c / 16) * 32 + c % 16;
  }
  // What is saved of all images: mean, scale, shift, r.
  float* Saved(const StepCall& call, int64_t which) const {
    return call.saved + which * max_batch_ * Lanes();
  }

  Normalisation NormOfPlane(const StepCall& call, int64_t i) const {
    return FromChannel({Saved(call, 0), Saved(call, 1), Saved(call, 2), rectifier_ ? &*rectifier_ : nullptr},
                       i * 16);
  }

  void FindNorms(const StepCall& call, const float* parts, int64_t n) const {
    for (int64_t c = storage_.c; c < Lanes(); c++) {
      for (int64_t which = 0; which < 4; which++) Saved(call, which)[n * Lanes() + c] = 0;  // tail lanes
    }
    for (int64_t first = 0; first < storage_.c; first += each_) {
      const auto moments = [&](int64_t c) {
        const float* part = Part(parts, n, c);
        return Moments{static_cast<double>(pixels_), part[0], part[16]};
      };
      Moments m = moments(first);
      for (int64_t c = first + 1; c < first + each_; c++) m = MergeMoments(m, moments(c));
      const double r = 1 / std::sqrt(m.m2 / m.count + options_.eps);
      for (int64_t c = first; c < first + each_; c++) {
        const int64_t at = n * Lanes() + c;
        Saved(call, 0)[at] = static_cast<float>(m.mean);
        Saved(call, 1)[at] = static_cast<float>(Gamma(call, c) * r);
        Saved(call, 2)[at] = options_.affine ? call.w[1][c] : 0;
        Saved(call, 3)[at] = static_cast<float>(r);
      }
    }
  }

  void AddParameterGradients(const StepCall& call, const float* parts) const {
    const float* r = Saved(call, 3);
    call.pool->For(blocks_, [&](int64_t block, int) {
      for (int64_t c = block * 16; c < std::min(storage_.c, block * 16 + 16); c++) {
        const PairOfSums sums = SumShards(call.n, [&](int64_t n) {
          const float* part = Part(parts, n, c);
          return PairOfSums{part[0], static_cast<double>(part[16]) * r[n * Lanes() + c]};
        });
        call.dw[0][c] += static_cast<float>(sums[1]);
        call.dw[1][c] += static_cast<float>(sums[0]);
      }
    });
  }

  // Of dx = a*dy + b*(x - mean) + c.
  void FindCoefficients(const StepCall& call, const float* parts, int64_t n, float* a, float* b,
                        float* c) const {
    std::fill_n(a, Lanes(), 0.0f), std::fill_n(b, Lanes(), 0.0f), std::fill_n(c, Lanes(), 0.0f);
    for (int64_t first = 0; first < storage_.c; first += each_) {
      double sum_g = 0, sum_gx = 0;
      for (int64_t i = first; i < first + each_; i++) {
        const float* part = Part(parts, n, i);
        sum_g += Gamma(call, i) * part[0];
        sum_gx += Gamma(call, i) * part[16];
      }
      const double r = Saved(call, 3)[n * Lanes() + first];
      for (int64_t i = first; i < first + each_; i++) {
        a[i] = static_cast<float>(Gamma(call, i) * r);
        b[i] = static_cast<float>(-r * r * r * (sum_gx / Count()));
        c[i] = static_cast<float>(-r * (sum_g / Count()));
      }
    }
  }

  const GroupNormOptions options_;
  const std::optional<Rectifier> rectifier_;
  const Storage storage_;
  const int64_t max_batch_, blocks_, pixels_, each_;
};

}  // namespace

StepChoice TryGroupNormStep(const Site& site) {
  const auto options = GroupsOf(site);
  const Storage& x = site.x[0];
  // A flattened map has one channel a pixel, which its storage does not show.
  if (!options || x.layout != Layout::kBlocked || site.InputShapes()[0][1] != x.c) return {};
  const auto rectifier = RectifierOf(site.Layer<Layer>(1));
  return {MakeMapStep<GroupNormStep>(x.element, *options, rectifier, x, site), rectifier ? 2 : 1, x};
}

}  // namespace fovea
