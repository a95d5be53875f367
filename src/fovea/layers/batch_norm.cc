#include "fovea/layers/batch_norm.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

// The values of one channel: `count` images of `plane` values, `stride` apart.
struct Channels {
  explicit Channels(const Shape& x)
      : images(x[0]), channels(x[1]), plane(x.rank() == 4 ? x[2] * x[3] : 1), m(images * plane) {}

  template <class Visit>
  void ForEach(int64_t c, const Visit& visit) const {
    for (int64_t n = 0; n < images; n++) {
      for (int64_t i = 0; i < plane; i++) visit((n * channels + c) * plane + i);
    }
  }

  int64_t images, channels, plane, m;
};

template <class S>
struct Statistics {
  S mean, variance;
};

template <class S>
Statistics<S> BatchStatistics(TensorView<const S> x, const Channels& channels, int64_t c) {
  if (channels.m < 2) {
    throw ShapeError(fmt::format("training needs at least 2 values a channel, got {}; use a larger batch",
                                 x.shape().ToString()));
  }
  const S m = static_cast<S>(static_cast<double>(channels.m));
  S sum(0), square(0);
  channels.ForEach(c, [&](int64_t i) { sum += x[i]; });
  const S mean = sum / m;
  channels.ForEach(c, [&](int64_t i) { square += (x[i] - mean) * (x[i] - mean); });
  return {mean, square / m};
}

}  // namespace

Shape BatchNorm::OutputShape(std::span<const Shape> x) const {
  if (x[0].rank() != 4 && x[0].rank() != 2) {
    throw ShapeError(fmt::format("needs a map (N, C, H, W) or features (N, C), got {}", x[0].ToString()));
  }
  return x[0];
}

std::vector<ParameterSpec> BatchNorm::Parameters(std::span<const Shape> x) const {
  const int64_t c = x[0][1];
  return {{"weight", {c}, Role::kScale, {Init::kConstant, 1}}, {"bias", {c}, Role::kBias, {}}};
}

std::vector<ParameterSpec> BatchNorm::State(std::span<const Shape> x) const {
  const int64_t c = x[0][1];
  return {{"running_mean", {c}, Role::kState, {}}, {"running_var", {c}, Role::kState, {Init::kConstant, 1}}};
}

template <class S>
void BatchNorm::Forward(const ForwardCall<S>& call) const {
  const auto& x = call.x[0];
  const Channels channels(x.shape());
  for (int64_t c = 0; c < channels.channels; c++) {
    S &running_mean = call.state[0][c], &running_var = call.state[1][c];
    Statistics<S> used{running_mean, running_var};
    if (UsesBatch(call.mode)) {
      used = BatchStatistics(x, channels, c);
      const double m = static_cast<double>(channels.m);
      const S momentum = static_cast<S>(options().momentum), unbiased = static_cast<S>(m / (m - 1));
      running_mean += momentum * (used.mean - running_mean);
      running_var += momentum * (used.variance * unbiased - running_var);
    }
    const S r = S(1) / Sqrt(used.variance + static_cast<S>(options().eps));
    const S gamma = call.w[0][c], beta = call.w[1][c];
    channels.ForEach(c, [&](int64_t i) { call.y[i] = gamma * ((x[i] - used.mean) * r) + beta; });
  }
}

template <class S>
void BatchNorm::Backward(const BackwardCall<S>& call) const {
  const auto &x = call.x[0], &dy = call.dy;
  const auto& dx = call.dx[0];
  const Channels channels(x.shape());
  const S m = static_cast<S>(static_cast<double>(channels.m));
  for (int64_t c = 0; c < channels.channels; c++) {
    const bool batch = UsesBatch(call.mode);
    const Statistics<S> used =
        batch ? BatchStatistics(x, channels, c) : Statistics<S>{call.state[0][c], call.state[1][c]};
    const S r = S(1) / Sqrt(used.variance + static_cast<S>(options().eps)), gamma = call.w[0][c];
    S sum_dy(0), sum_dyh(0);
    channels.ForEach(c, [&](int64_t i) {
      sum_dy += dy[i];
      sum_dyh += dy[i] * ((x[i] - used.mean) * r);
    });
    call.dw[0][c] += sum_dyh;
    call.dw[1][c] += sum_dy;
    if (!dx.present()) continue;
    channels.ForEach(c, [&](int64_t i) {
      const S h = (x[i] - used.mean) * r;
      dx[i] = gamma * r * (batch ? dy[i] - sum_dy / m - h * (sum_dyh / m) : dy[i]);
    });
  }
}

template class LayerOf<BatchNorm, BatchNormOptions>;

}  // namespace fovea
