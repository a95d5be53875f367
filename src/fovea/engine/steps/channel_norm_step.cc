#include "fovea/engine/steps/channel_norm_step.h"

#include <algorithm>

#include "fovea/kernels/dispatch.h"
#include "fovea/kernels/shard_tree.h"
#include "fovea/layers/layer_norm.h"

namespace fovea {
namespace {

constexpr int64_t kPixels = 64;  // of a task

// On maps of T.
template <class T>
class ChannelNormStep final : public Step {
 public:
  ChannelNormStep(const LayerNormOptions& options, const Storage& storage, int64_t max_batch)
      : shape_{storage.c, storage.h * storage.w, static_cast<float>(options.eps)},
        affine_(options.affine),
        max_batch_(max_batch),
        lanes_((storage.c + 15) / 16 * 16),
        runs_((shape_.pixels + kPixels - 1) / kPixels) {}

  std::string_view Name() const override { return "layer norm"; }

  StepNeeds Needs() const override {
    StepNeeds needs;
    needs.x_in_backward = {0};
    needs.in_place = needs.accumulates = true;
    needs.saved = 2 * max_batch_ * shape_.pixels;  // mean and r of every pixel
    needs.forward_packed = needs.backward_packed = 2 * lanes_;
    needs.backward_scratch = 2 * max_batch_ * runs_ * lanes_;  // two sums of every task
    return needs;
  }

  void PackForward(const StepCall& call) override { Pack(call); }
  void PackBackward(const StepCall& call) override { Pack(call); }

  void Forward(const StepCall& call) override {
    ForEachRun(call, [&](int64_t, int64_t pixel, int64_t at, int64_t count) {
      Norms().forward(shape_, Gamma(call), Beta(call), As<T>(call.x[0]) + at, count, As<T>(call.y) + at,
                      Mean(call) + pixel, Rate(call) + pixel);
    });
  }

  void Backward(const StepCall& call) override {
    ForEachRun(call, [&](int64_t task, int64_t pixel, int64_t at, int64_t count) {
      float* sums = call.scratch + task * 2 * lanes_;
      std::fill_n(sums, 2 * lanes_, 0.0f);
      T* dx = As<T>(call.dx[0]);
      Norms().backward(shape_, Gamma(call), As<T>(call.x[0]) + at, As<T>(call.dy) + at, count,
                       Mean(call) + pixel, Rate(call) + pixel, call.accumulate[0],
                       dx == nullptr ? nullptr : dx + at, sums, sums + lanes_);
    });
    if (affine_) AddParameterGradients(call);
  }

 private:
  static const ChannelNormTable<T>& Norms() { return Kernels().maps<T>().channel_norm; }
  float* Gamma(const StepCall& call) const { return call.packed; }
  float* Beta(const StepCall& call) const { return call.packed + lanes_; }
  float* Mean(const StepCall& call) const { return call.saved; }
  float* Rate(const StepCall& call) const { return call.saved + max_batch_ * shape_.pixels; }

  void Pack(const StepCall& call) const {
    std::fill_n(call.packed, 2 * lanes_, 0.0f);
    for (int64_t c = 0; c < shape_.channels; c++) {
      Gamma(call)[c] = affine_ ? call.w[0][c] : 1;
      if (affine_) Beta(call)[c] = call.w[1][c];
    }
  }

  // Calls body(task, first pixel of the batch, where it is stored, pixels) for stretches of an image.
  template <class Body>
  void ForEachRun(const StepCall& call, const Body& body) const {
    call.pool->For(call.n * runs_, [&](int64_t task, int) {
      const int64_t image = task / runs_, first = task % runs_ * kPixels;
      body(task, image * shape_.pixels + first, image * lanes_ * shape_.pixels + first * 16,
           std::min(kPixels, shape_.pixels - first));
    });
  }

  void AddParameterGradients(const StepCall& call) const {
    call.pool->For(lanes_ / 16, [&](int64_t block, int) {
      for (int64_t c = block * 16; c < std::min(shape_.channels, block * 16 + 16); c++) {
        const PairOfSums sums = SumShards(call.n, [&](int64_t n) {
          PairOfSums sum{};
          for (int64_t task = n * runs_; task < (n + 1) * runs_; task++) {
            const float* of_run = call.scratch + task * 2 * lanes_ + c;
            sum[0] += of_run[0], sum[1] += of_run[lanes_];
          }
          return sum;
        });
        call.dw[0][c] += static_cast<float>(sums[1]);
        call.dw[1][c] += static_cast<float>(sums[0]);
      }
    });
  }

  const ChannelNormShape shape_;
  const bool affine_;
  const int64_t max_batch_, lanes_, runs_;
};

}  // namespace

StepChoice TryChannelNormStep(const Site& site) {
  const auto* layer = site.Layer<LayerNorm>();
  const Storage& x = site.x[0];
  const bool features = x.layout == Layout::kBlocked && site.at().shape.rank() == 2 && x.h * x.w == 1;
  if (layer == nullptr || (x.layout != Layout::kTurned && !features)) return {};
  return {MakeMapStep<ChannelNormStep>(x.element, layer->options(), x, site.max_batch), 1, x};
}

}  // namespace fovea
