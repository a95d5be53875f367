#include "fovea/kernels/isa/channel_norm.h"

#include "fovea/kernels/isa/fold.h"

namespace fovea::FOVEA_ISA {
namespace {

constexpr int kRun = 8;  // pixels that are worked on at once

// v with 0 in the lanes behind the last channel, where block b is the last.
FOVEA_INLINE Block Channels(const ChannelNormShape& s, int64_t b, const Block& v) {
  static const float kKept[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const int64_t left = s.channels - b * 16;
  return left >= 16 ? v : v * Load(kKept + 16 - left);
}

FOVEA_INLINE int64_t BlocksOf(const ChannelNormShape& s) { return (s.channels + 15) / 16; }
FOVEA_INLINE float Mean(const ChannelNormShape& s, const Block& sum) {
  return SumLanes(sum) / static_cast<float>(s.channels);
}

template <int kPixels, class T>
FOVEA_INLINE void ForwardRun(const ChannelNormShape& s, const float* gamma, const float* beta, const T* x,
                             T* y, float* mean, float* r) {
  const int64_t blocks = BlocksOf(s), step = s.pixels * 16;
  Block sum[kPixels] = {}, square[kPixels] = {}, middle[kPixels], rate[kPixels];
  for (int64_t b = 0; b < blocks; b++) {
    FOVEA_UNROLL for (int p = 0; p < kPixels; p++) sum[p] = sum[p] + Load(x + b * step + p * 16);
  }
  for (int p = 0; p < kPixels; p++) middle[p] = Splat(mean[p] = Mean(s, sum[p]));
  for (int64_t b = 0; b < blocks; b++) {
    FOVEA_UNROLL for (int p = 0; p < kPixels; p++) {
      const Block d = Channels(s, b, Load(x + b * step + p * 16) - middle[p]);
      square[p] = Fma(d, d, square[p]);
    }
  }
  for (int p = 0; p < kPixels; p++) {
    r[p] = 1 / __builtin_sqrtf(Mean(s, square[p]) + s.eps);
    rate[p] = Splat(r[p]);
  }
  for (int64_t b = 0; b < blocks; b++) {
    const Block scale = Load(gamma + b * 16), shift = Load(beta + b * 16);
    FOVEA_UNROLL for (int p = 0; p < kPixels; p++) {
      const int64_t at = b * step + p * 16;
      Store(y + at, Fma((Load(x + at) - middle[p]) * rate[p], scale, shift));
    }
  }
}

template <int kPixels, class T>
FOVEA_INLINE void BackwardRun(const ChannelNormShape& s, const float* gamma, const T* x, const T* dy,
                              const float* mean, const float* r, bool accumulate, T* dx, float* sum_dy,
                              float* sum_dyh) {
  const int64_t blocks = BlocksOf(s), step = s.pixels * 16;
  Block middle[kPixels], rate[kPixels], sum_g[kPixels] = {}, sum_gh[kPixels] = {};
  for (int p = 0; p < kPixels; p++) middle[p] = Splat(mean[p]), rate[p] = Splat(r[p]);
  for (int64_t b = 0; b < blocks; b++) {
    const Block scale = Load(gamma + b * 16);
    Block dys = Load(sum_dy + b * 16), dyhs = Load(sum_dyh + b * 16);
    FOVEA_UNROLL for (int p = 0; p < kPixels; p++) {
      const int64_t at = b * step + p * 16;
      const Block d = Load(dy + at), h = (Load(x + at) - middle[p]) * rate[p], g = scale * d;
      dys = dys + d, dyhs = Fma(d, h, dyhs);
      sum_g[p] = sum_g[p] + g, sum_gh[p] = Fma(g, h, sum_gh[p]);
    }
    Store(sum_dy + b * 16, dys);
    Store(sum_dyh + b * 16, dyhs);
  }
  if (dx == nullptr) return;
  for (int p = 0; p < kPixels; p++)
    sum_g[p] = Splat(Mean(s, sum_g[p])), sum_gh[p] = Splat(Mean(s, sum_gh[p]));
  for (int64_t b = 0; b < blocks; b++) {
    const Block scale = Load(gamma + b * 16);
    FOVEA_UNROLL for (int p = 0; p < kPixels; p++) {
      const int64_t at = b * step + p * 16;
      const Block h = (Load(x + at) - middle[p]) * rate[p], g = scale * Load(dy + at);
      const Block d = Channels(s, b, rate[p] * (g - sum_g[p] - h * sum_gh[p]));
      Store(dx + at, accumulate ? Load(dx + at) + d : d);
    }
  }
}

template <class T>
void Forward(const ChannelNormShape& shape, const float* gamma, const float* beta, const T* x, int64_t count,
             T* y, float* mean, float* r) {
  const ChannelNormShape s = shape;
  int64_t p = 0;
  for (; p + kRun <= count; p += kRun)
    ForwardRun<kRun>(s, gamma, beta, x + p * 16, y + p * 16, mean + p, r + p);
  for (; p < count; p++) ForwardRun<1>(s, gamma, beta, x + p * 16, y + p * 16, mean + p, r + p);
}

template <class T>
void Backward(const ChannelNormShape& shape, const float* gamma, const T* x, const T* dy, int64_t count,
              const float* mean, const float* r, bool accumulate, T* dx, float* sum_dy, float* sum_dyh) {
  const ChannelNormShape s = shape;
  const auto run = [&]<int kPixels>(int64_t p) {
    BackwardRun<kPixels>(s, gamma, x + p * 16, dy + p * 16, mean + p, r + p, accumulate,
                         dx == nullptr ? nullptr : dx + p * 16, sum_dy, sum_dyh);
  };
  int64_t p = 0;
  for (; p + kRun <= count; p += kRun) run.template operator()<kRun>(p);
  for (; p < count; p++) run.template operator()<1>(p);
}

}  // namespace

void FillChannelNorm(ChannelNormTable<float>& table);
void FillChannelNorm(ChannelNormTable<Bfloat16>& table);
void FillChannelNorm(ChannelNormTable<float>& table) { table = {Forward<float>, Backward<float>}; }
void FillChannelNorm(ChannelNormTable<Bfloat16>& table) { table = {Forward<Bfloat16>, Backward<Bfloat16>}; }

}  // namespace fovea::FOVEA_ISA
