#include "fovea/notes/batch_norm.h"

#include <cmath>

namespace fovea::notes {
namespace {

struct Statistics {
  double mean, variance;
};

Statistics ColumnStatistics(TensorView<const double> x, int64_t d) {
  const double n = static_cast<double>(x.extent(0));
  Statistics s{0, 0};
  for (int64_t i = 0; i < x.extent(0); i++) s.mean += x(i, d) / n;
  for (int64_t i = 0; i < x.extent(0); i++) s.variance += (x(i, d) - s.mean) * (x(i, d) - s.mean) / n;
  return s;
}

// Calls visit(index) for every value of channel c.
template <class Visit>
void ForEachOf(const Shape& x, int64_t c, const Visit& visit) {
  const int64_t plane = x[2] * x[3];
  for (int64_t n = 0; n < x[0]; n++)
    for (int64_t i = 0; i < plane; i++) visit((n * x[1] + c) * plane + i);
}

// The numbers of a channel.
double Count(TensorView<const double> x) {
  return static_cast<double>(x.extent(0) * x.extent(2) * x.extent(3));
}

Statistics ChannelStatistics(TensorView<const double> x, int64_t c) {
  const double m = Count(x);
  Statistics s{0, 0};
  ForEachOf(x.shape(), c, [&](int64_t i) { s.mean += x[i] / m; });
  ForEachOf(x.shape(), c, [&](int64_t i) { s.variance += (x[i] - s.mean) * (x[i] - s.mean) / m; });
  return s;
}

}  // namespace

Tensor<double> BatchNorm1d(TensorView<const double> x, TensorView<const double> gamma,
                           TensorView<const double> beta) {
  Tensor<double> y(x.shape());
  for (int64_t d = 0; d < x.extent(1); d++) {
    const Statistics s = ColumnStatistics(x, d);
    for (int64_t i = 0; i < x.extent(0); i++)
      y(i, d) = gamma[d] * (x(i, d) - s.mean) / std::sqrt(s.variance + kEps) + beta[d];
  }
  return y;
}

NormGradients BatchNorm1dBackward(TensorView<const double> dy, TensorView<const double> x,
                                  TensorView<const double> gamma) {
  const int64_t features = x.extent(1);
  NormGradients g{Tensor<double>(x.shape()), Tensor<double>({features}), Tensor<double>({features})};
  const double n = static_cast<double>(x.extent(0));
  for (int64_t d = 0; d < features; d++) {
    const Statistics s = ColumnStatistics(x, d);
    const double v = s.variance + kEps;
    double sum = 0, centred = 0;
    for (int64_t i = 0; i < x.extent(0); i++) {
      sum += dy(i, d);
      centred += dy(i, d) * (x(i, d) - s.mean);
    }
    g.dbeta[d] = sum;
    g.dgamma[d] = centred / std::sqrt(v);
    for (int64_t i = 0; i < x.extent(0); i++) {
      g.dx(i, d) = gamma[d] / n / std::sqrt(v) * (n * dy(i, d) - sum - (x(i, d) - s.mean) / v * centred);
    }
  }
  return g;
}

Tensor<double> SpatialBatchNorm(TensorView<const double> x, TensorView<const double> gamma,
                                TensorView<const double> beta) {
  Tensor<double> y(x.shape());
  for (int64_t c = 0; c < x.extent(1); c++) {
    const Statistics s = ChannelStatistics(x, c);
    ForEachOf(x.shape(), c,
              [&](int64_t i) { y[i] = gamma[c] * (x[i] - s.mean) / std::sqrt(s.variance + kEps) + beta[c]; });
  }
  return y;
}

NormGradients SpatialBatchNormBackward(TensorView<const double> dy, TensorView<const double> x,
                                       TensorView<const double> gamma) {
  const int64_t channels = x.extent(1);
  NormGradients g{Tensor<double>(x.shape()), Tensor<double>({channels}), Tensor<double>({channels})};
  const double m = Count(x);
  for (int64_t c = 0; c < channels; c++) {
    const Statistics s = ChannelStatistics(x, c);
    const double v = s.variance + kEps, r = 1 / std::sqrt(v);
    double centred = 0;  // sum dy (x - mu)
    ForEachOf(x.shape(), c, [&](int64_t i) { g.dbeta[c] += dy[i]; });
    ForEachOf(x.shape(), c, [&](int64_t i) { centred += dy[i] * (x[i] - s.mean); });
    g.dgamma[c] = centred * r;
    ForEachOf(x.shape(), c, [&](int64_t i) {
      g.dx[i] = gamma[c] * r / m * (m * dy[i] - g.dbeta[c] - (x[i] - s.mean) / v * centred);
    });
  }
  return g;
}

Tensor<double> ToRows(TensorView<const double> x) {
  Tensor<double> rows({x.extent(0) * x.extent(3) * x.extent(2), x.extent(1)});
  int64_t row = 0;
  for (int64_t n = 0; n < x.extent(0); n++)
    for (int64_t w = 0; w < x.extent(3); w++)
      for (int64_t h = 0; h < x.extent(2); h++, row++)
        for (int64_t c = 0; c < x.extent(1); c++) rows(row, c) = x(n, c, h, w);
  return rows;
}

Tensor<double> FromRows(TensorView<const double> rows, const Shape& shape) {
  Tensor<double> x(shape);
  int64_t row = 0;
  for (int64_t n = 0; n < shape[0]; n++)
    for (int64_t w = 0; w < shape[3]; w++)
      for (int64_t h = 0; h < shape[2]; h++, row++)
        for (int64_t c = 0; c < shape[1]; c++) x(n, c, h, w) = rows(row, c);
  return x;
}

Tensor<double> WrongRows(TensorView<const double> x) {
  Tensor<double> rows({x.size() / x.extent(1), x.extent(1)});
  std::copy(x.values().begin(), x.values().end(), rows.data());
  return rows;
}

double NormJacobian(TensorView<const double> x, int64_t k, int64_t l, int64_t i, int64_t j) {
  if (l != j) return 0;
  const Statistics s = ColumnStatistics(x, j);
  const double n = static_cast<double>(x.extent(0)), v = s.variance + kEps;
  const double delta = i == k ? 1 : 0;
  return (delta - 1 / n) / std::sqrt(v) - (x(k, l) - s.mean) * (x(i, j) - s.mean) / (n * v * std::sqrt(v));
}

}  // namespace fovea::notes
