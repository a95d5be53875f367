#include "fovea/layers/global_max_pool.h"

#include <algorithm>

#include "fovea/layers/extremum.h"

namespace fovea {
namespace {

template <class S>
int64_t ArgMax(const S* x, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; i++) {
    if (Exceeds(x[i], x[best])) best = i;
  }
  return best;
}

}  // namespace

Shape GlobalMaxPool::OutputShape(std::span<const Shape> x) const {
  RequireMap(x[0]);
  return {x[0][0], x[0][1], 1, 1};
}

template <class S>
void GlobalMaxPool::Forward(const ForwardCall<S>& call) const {
  const int64_t plane = call.x[0].size() / call.y.size();
  for (int64_t i = 0; i < call.y.size(); i++) {
    const S* x = call.x[0].data() + i * plane;
    call.y[i] = x[ArgMax(x, plane)];
  }
}

template <class S>
void GlobalMaxPool::Backward(const BackwardCall<S>& call) const {
  const auto& dx = call.dx[0];
  if (!dx.present()) return;
  std::fill(dx.values().begin(), dx.values().end(), S(0));
  const int64_t plane = call.x[0].size() / call.dy.size();
  for (int64_t i = 0; i < call.dy.size(); i++) {
    dx[i * plane + ArgMax(call.x[0].data() + i * plane, plane)] = call.dy[i];
  }
}

template class LayerOf<GlobalMaxPool, NoOptions>;

}  // namespace fovea
