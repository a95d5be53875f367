#include "fovea/layers/row_norm.h"

namespace fovea {
namespace {

template <class S>
struct Statistics {
  S mean, r;
};

template <class S>
Statistics<S> StatisticsOf(const S* x, const Rows& rows) {
  const S m = static_cast<S>(static_cast<double>(rows.length));
  S sum(0), square(0);
  for (int64_t i = 0; i < rows.length; i++) sum += x[i];
  const S mean = sum / m;
  for (int64_t i = 0; i < rows.length; i++) square += (x[i] - mean) * (x[i] - mean);
  return {mean, S(1) / Sqrt(square / m + static_cast<S>(rows.eps))};
}

}  // namespace

template <class S>
void NormaliseRows(const Rows& rows, const ForwardCall<S>& call) {
  const auto& x = call.x[0];
  for (int64_t first = 0; first < x.size(); first += rows.length) {
    const Statistics<S> s = StatisticsOf(x.data() + first, rows);
    for (int64_t i = first; i < first + rows.length; i++) {
      const S h = (x[i] - s.mean) * s.r;
      const int64_t p = i / rows.run % rows.parameters;
      call.y[i] = rows.affine ? call.w[0][p] * h + call.w[1][p] : h;
    }
  }
}

template <class S>
void NormaliseRowsBackward(const Rows& rows, const BackwardCall<S>& call) {
  const auto &x = call.x[0], &dy = call.dy;
  const auto& dx = call.dx[0];
  const S m = static_cast<S>(static_cast<double>(rows.length));
  for (int64_t first = 0; first < x.size(); first += rows.length) {
    const Statistics<S> s = StatisticsOf(x.data() + first, rows);
    const auto h = [&](int64_t i) { return (x[i] - s.mean) * s.r; };
    const auto g = [&](int64_t i) {
      return rows.affine ? call.w[0][i / rows.run % rows.parameters] * dy[i] : dy[i];
    };
    S sum_g(0), sum_gh(0);
    for (int64_t i = first; i < first + rows.length; i++) {
      sum_g += g(i);
      sum_gh += g(i) * h(i);
      if (!rows.affine) continue;
      const int64_t p = i / rows.run % rows.parameters;
      call.dw[0][p] += dy[i] * h(i);
      call.dw[1][p] += dy[i];
    }
    if (!dx.present()) continue;
    for (int64_t i = first; i < first + rows.length; i++)
      dx[i] = s.r * (g(i) - sum_g / m - h(i) * (sum_gh / m));
  }
}

template void NormaliseRows(const Rows&, const ForwardCall<float>&);
template void NormaliseRows(const Rows&, const ForwardCall<double>&);
template void NormaliseRows(const Rows&, const ForwardCall<Dual>&);
template void NormaliseRowsBackward(const Rows&, const BackwardCall<float>&);
template void NormaliseRowsBackward(const Rows&, const BackwardCall<double>&);
template void NormaliseRowsBackward(const Rows&, const BackwardCall<Dual>&);

std::vector<ParameterSpec> AffineParameters(bool affine, const Shape& shape) {
  if (!affine) return {};
  return {{"weight", shape, Role::kScale, {Init::kConstant, 1}}, {"bias", shape, Role::kBias, {}}};
}

}  // namespace fovea
