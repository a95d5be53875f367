#include "fovea/notes/darknet_batch_norm.h"

#include <cmath>

#include "fovea/base/math.h"

namespace fovea::notes {
namespace {

// One channel of a map, as a list of its indices.
struct Channel {
  Channel(const Shape& x, int64_t c) : images(x[0]), channels(x[1]), plane(x[2] * x[3]), number(c) {}
  template <class Visit>
  void ForEach(const Visit& visit) const {
    for (int64_t b = 0; b < images; b++) {
      for (int64_t i = 0; i < plane; i++) visit((b * channels + number) * plane + i);
    }
  }
  double Count() const { return static_cast<double>(images * plane); }
  int64_t images, channels, plane, number;
};

}  // namespace

NormGradients DarknetBackward(TensorView<const double> delta, TensorView<const double> x,
                              TensorView<const double> gamma, DarknetOrder order) {
  const int64_t channels = x.extent(1);
  NormGradients g{Cast<double>(delta), Tensor<double>({channels}), Tensor<double>({channels})};
  for (int64_t c = 0; c < channels; c++) {
    const Channel channel(x.shape(), c);
    const double m = channel.Count();
    double mean = 0, variance = 0;
    channel.ForEach([&](int64_t i) { mean += x[i] / m; });
    channel.ForEach([&](int64_t i) { variance += (x[i] - mean) * (x[i] - mean) / m; });
    const double v = variance + kEps;
    const auto scale_bias = [&] { channel.ForEach([&](int64_t i) { g.dx[i] *= gamma[c]; }); };
    channel.ForEach([&](int64_t i) { g.dbeta[c] += g.dx[i]; });  // backward_bias
    channel.ForEach(
        [&](int64_t i) { g.dgamma[c] += g.dx[i] * (x[i] - mean) / std::sqrt(v); });  // backward_scale
    if (order != DarknetOrder::kScaleLast) scale_bias();
    double mean_delta = 0, variance_delta = 0;
    channel.ForEach([&](int64_t i) { mean_delta -= g.dx[i] / std::sqrt(v); });
    channel.ForEach([&](int64_t i) { variance_delta += g.dx[i] * (x[i] - mean); });
    variance_delta *= order == DarknetOrder::kVarianceAsPrinted ? 0.5 / Pow(v, -1.5) : -0.5 * Pow(v, -1.5);
    if (order == DarknetOrder::kScaleLast) scale_bias();
    channel.ForEach([&](int64_t i) {  // normalize_delta
      g.dx[i] = g.dx[i] / std::sqrt(v) + variance_delta * 2 * (x[i] - mean) / m + mean_delta / m;
    });
  }
  return g;
}

Tensor<double> DarknetBackwardFrozen(TensorView<const double> delta, TensorView<const double> gamma,
                                     TensorView<const double> rolling_var) {
  Tensor<double> dx(delta.shape());
  for (int64_t c = 0; c < delta.extent(1); c++) {
    Channel(delta.shape(), c).ForEach([&](int64_t i) {
      dx[i] = gamma[c] * delta[i] / std::sqrt(rolling_var[c] + kEps);
    });
  }
  return dx;
}

double DarknetVariance(TensorView<const double> x, int64_t channel) {
  const Channel values(x.shape(), channel);
  double mean = 0, sum = 0;
  values.ForEach([&](int64_t i) { mean += x[i] / values.Count(); });
  values.ForEach([&](int64_t i) { sum += (x[i] - mean) * (x[i] - mean); });
  return sum / (values.Count() - 1);
}

}  // namespace fovea::notes
