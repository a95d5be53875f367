#include "fovea/layers/global_avg_pool.h"

namespace fovea {

Shape GlobalAvgPool::OutputShape(std::span<const Shape> x) const {
  RequireMap(x[0]);
  return {x[0][0], x[0][1], 1, 1};
}

template <class S>
void GlobalAvgPool::Forward(const ForwardCall<S>& call) const {
  const int64_t plane = call.x[0].size() / call.y.size();
  for (int64_t i = 0; i < call.y.size(); i++) {
    S sum(0);
    for (int64_t j = 0; j < plane; j++) sum += call.x[0][i * plane + j];
    call.y[i] = sum / static_cast<S>(static_cast<double>(plane));
  }
}

template <class S>
void GlobalAvgPool::Backward(const BackwardCall<S>& call) const {
  if (!call.dx[0].present()) return;
  const int64_t plane = call.x[0].size() / call.dy.size();
  for (int64_t i = 0; i < call.dx[0].size(); i++) {
    call.dx[0][i] = call.dy[i / plane] / static_cast<S>(static_cast<double>(plane));
  }
}

template class LayerOf<GlobalAvgPool, NoOptions>;

}  // namespace fovea
