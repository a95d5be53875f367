#include "fovea/layers/max_pool2d.h"

#include "fovea/layers/extremum.h"

namespace fovea {
namespace {

struct Place {
  int64_t h, w;
};

// The place of the first maximum of a window, the first NaN if there is one.
template <class S>
Place ArgMax(TensorView<const S> x, int64_t n, int64_t c, const Window& rows, const Window& columns) {
  Place best{rows.begin, columns.begin};
  for (int64_t h = rows.begin; h < rows.end; h += rows.step) {
    for (int64_t w = columns.begin; w < columns.end; w += columns.step) {
      if (Exceeds(x(n, c, h, w), x(n, c, best.h, best.w))) best = {h, w};
    }
  }
  return best;
}

// Calls visit(h, w) for the places of a window that hold what its best place does; a NaN is equal to none but itself.
template <class S, class Visit>
void ForEachTied(TensorView<const S> x, int64_t n, int64_t c, const Window& rows, const Window& columns,
                 const Place& best, const Visit& visit) {
  for (int64_t h = rows.begin; h < rows.end; h += rows.step) {
    for (int64_t w = columns.begin; w < columns.end; w += columns.step) {
      const bool itself = h == best.h && w == best.w;
      if (itself || x(n, c, h, w) == x(n, c, best.h, best.w)) visit(h, w);
    }
  }
}

}  // namespace

MaxPool2d::MaxPool2d(Pool2dOptions options) : LayerOf(MaxPool2dOptions{std::move(options)}) {}

template <class S>
void MaxPool2d::Forward(const ForwardCall<S>& call) const {
  const auto& x = call.x[0];
  ForEachWindow(options(), x.shape(), call.y.shape(),
                [&](int64_t n, int64_t c, int64_t p, int64_t q, const Window& rows, const Window& columns) {
                  const Place best = ArgMax(x, n, c, rows, columns);
                  call.y(n, c, p, q) = x(n, c, best.h, best.w);
                });
}

template <class S>
void MaxPool2d::Backward(const BackwardCall<S>& call) const {
  const auto& x = call.x[0];
  const auto& dx = call.dx[0];
  if (!dx.present()) return;
  std::fill(dx.values().begin(), dx.values().end(), S(0));
  ForEachWindow(options(), x.shape(), call.dy.shape(),
                [&](int64_t n, int64_t c, int64_t p, int64_t q, const Window& rows, const Window& columns) {
                  const Place best = ArgMax(x, n, c, rows, columns);
                  const S dy = call.dy(n, c, p, q);
                  if (!Splits()) {
                    dx(n, c, best.h, best.w) += dy;
                    return;
                  }
                  int tied = 0;
                  ForEachTied(x, n, c, rows, columns, best, [&](int64_t, int64_t) { tied++; });
                  ForEachTied(x, n, c, rows, columns, best,
                              [&](int64_t h, int64_t w) { dx(n, c, h, w) += dy / S(tied); });
                });
}

template class LayerOf<MaxPool2d, MaxPool2dOptions>;

}  // namespace fovea
