#include "fovea/engine/steps/batch_norm_pass.h"

#include <fmt/format.h>

#include <cmath>

#include "fovea/base/error.h"
#include "fovea/kernels/conv_plan.h"
#include "fovea/kernels/shard_tree.h"

namespace fovea {

template <class T>
void BatchNormPass<T>::Measure(const StepCall& call, const T* x) const {
  float *mean = call.saved, *scale = mean + Lanes(), *shift = scale + Lanes(), *r = shift + Lanes();
  float* parts = call.scratch;
  if (batch_) {
    if (call.n * pixels_ < 2) {
      throw ShapeError(fmt::format(
          "layer {}: batch norm trains on at least 2 values a channel, got {}; use a larger batch", name_,
          call.n * pixels_));
    }
    ForEachPlane(*call.pool, storage_, call.n, [&](int64_t i) {
      Planes().statistics(x + i * pixels_ * 16, pixels_, parts + i * 32, parts + i * 32 + 16);
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
}

// Of the batch; updates the running statistics.
template <class T>
Moments BatchNormPass<T>::BatchMoments(const StepCall& call, const float* parts, int64_t c) const {
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

template <class T>
PairOfSums BatchNormPass<T>::Sums(const StepCall& call, const float* parts, int64_t c) const {
  return SumShards(call.n, [&](int64_t n) {
    const float* part = parts + (n * blocks_ + c / 16) * 32 + c % 16;
    return PairOfSums{part[0], part[16]};
  });
}

// Of dx = a*g + b*(x - mean) + c; adds the gradients of the parameters.
template <class T>
void BatchNormPass<T>::FindCoefficients(const StepCall& call, const float* parts, float* a, float* b,
                                        float* c) const {
  const float* r = call.saved + 3 * Lanes();
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
}

template class BatchNormPass<float>;
template class BatchNormPass<Bfloat16>;

}  // namespace fovea
