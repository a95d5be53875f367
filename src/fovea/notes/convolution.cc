#include "fovea/notes/convolution.h"

namespace fovea::notes {
namespace {

// Calls visit(n, f, k, l) for every output.
template <class Visit>
void ForEachOutput(const Shape& y, const Visit& visit) {
  for (int64_t n = 0; n < y[0]; n++)
    for (int64_t f = 0; f < y[1]; f++)
      for (int64_t k = 0; k < y[2]; k++)
        for (int64_t l = 0; l < y[3]; l++) visit(n, f, k, l);
}

// Calls visit(c, p, q) for every weight of one filter.
template <class Visit>
void ForEachWeight(const Shape& w, const Visit& visit) {
  for (int64_t c = 0; c < w[1]; c++)
    for (int64_t p = 0; p < w[2]; p++)
      for (int64_t q = 0; q < w[3]; q++) visit(c, p, q);
}

int64_t OutExtent(int64_t extent, int64_t kernel, const ConvShape& s) {
  return (extent + 2 * s.pad - kernel) / s.stride + 1;
}

}  // namespace

Tensor<double> Pad(TensorView<const double> x, int64_t pad) {
  Tensor<double> padded({x.extent(0), x.extent(1), x.extent(2) + 2 * pad, x.extent(3) + 2 * pad});
  ForEachOutput(x.shape(),
                [&](auto n, auto c, auto h, auto w) { padded(n, c, h + pad, w + pad) = x(n, c, h, w); });
  return padded;
}

Tensor<double> PadBackward(TensorView<const double> dx_pad, int64_t pad) {
  Tensor<double> dx(
      {dx_pad.extent(0), dx_pad.extent(1), dx_pad.extent(2) - 2 * pad, dx_pad.extent(3) - 2 * pad});
  ForEachOutput(dx.shape(),
                [&](auto n, auto c, auto h, auto w) { dx(n, c, h, w) = dx_pad(n, c, h + pad, w + pad); });
  return dx;
}

Tensor<double> ConvForward(TensorView<const double> x, TensorView<const double> w, TensorView<const double> b,
                           const ConvShape& s) {
  const Tensor<double> x_pad = Pad(x, s.pad);
  Tensor<double> y({x.extent(0), w.extent(0), OutExtent(x.extent(2), w.extent(2), s),
                    OutExtent(x.extent(3), w.extent(3), s)});
  ForEachOutput(y.shape(), [&](auto n, auto f, auto k, auto l) {
    double sum = b[f];
    ForEachWeight(w.shape(), [&](auto c, auto p, auto q) {
      sum += w(f, c, p, q) * x_pad(n, c, k * s.stride + p, l * s.stride + q);
    });
    y(n, f, k, l) = sum;
  });
  return y;
}

Tensor<double> ConvDw(TensorView<const double> dy, TensorView<const double> x, const Shape& w,
                      const ConvShape& s) {
  const Tensor<double> x_pad = Pad(x, s.pad);
  Tensor<double> dw(w);
  ForEachOutput(w, [&](auto f, auto c, auto i, auto j) {
    for (int64_t n = 0; n < dy.extent(0); n++)
      for (int64_t k = 0; k < dy.extent(2); k++)
        for (int64_t l = 0; l < dy.extent(3); l++) {
          dw(f, c, i, j) += dy(n, f, k, l) * x_pad(n, c, i + s.stride * k, j + s.stride * l);
        }
  });
  return dw;
}

Tensor<double> ConvDb(TensorView<const double> dy) {
  Tensor<double> db({dy.extent(1)});
  ForEachOutput(dy.shape(), [&](auto n, auto f, auto k, auto l) { db[f] += dy(n, f, k, l); });
  return db;
}

Tensor<double> ConvDxNineLoops(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                               const ConvShape& s) {
  Tensor<double> dx(x);
  ForEachOutput(x, [&](auto n, auto c, auto i, auto j) {
    for (int64_t f = 0; f < w.extent(0); f++)
      for (int64_t k = 0; k < dy.extent(2); k++)
        for (int64_t l = 0; l < dy.extent(3); l++)
          for (int64_t p = 0; p < w.extent(2); p++)
            for (int64_t q = 0; q < w.extent(3); q++) {
              if (p + k * s.stride == i + s.pad && q + l * s.stride == j + s.pad) {
                dx(n, c, i, j) += dy(n, f, k, l) * w(f, c, p, q);
              }
            }
  });
  return dx;
}

Tensor<double> ConvDxMasks(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                           const ConvShape& s) {
  Tensor<double> dx(x);
  ForEachOutput(x, [&](auto n, auto c, auto i, auto j) {
    for (int64_t f = 0; f < w.extent(0); f++)
      for (int64_t k = 0; k < dy.extent(2); k++)
        for (int64_t l = 0; l < dy.extent(3); l++) {
          double chosen = 0;
          for (int64_t p = 0; p < w.extent(2); p++)
            for (int64_t q = 0; q < w.extent(3); q++) {
              const double mask1 = p == i + s.pad - k * s.stride, mask2 = q == j + s.pad - l * s.stride;
              chosen += w(f, c, p, q) * mask1 * mask2;
            }
          dx(n, c, i, j) += dy(n, f, k, l) * chosen;
        }
  });
  return dx;
}

Tensor<double> ConvDxClosedForm(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                                const ConvShape& s) {
  Tensor<double> dx(x);
  ForEachOutput(x, [&](auto n, auto c, auto i, auto j) {
    for (int64_t f = 0; f < w.extent(0); f++)
      for (int64_t k = 0; k < dy.extent(2); k++)
        for (int64_t l = 0; l < dy.extent(3); l++) {
          const int64_t p = s.pad + i - s.stride * k, q = s.pad + j - s.stride * l;
          if (p >= 0 && p < w.extent(2) && q >= 0 && q < w.extent(3))
            dx(n, c, i, j) += dy(n, f, k, l) * w(f, c, p, q);
        }
  });
  return dx;
}

Tensor<double> ConvDxScatter(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                             const ConvShape& s) {
  Tensor<double> dx_pad({x[0], x[1], x[2] + 2 * s.pad, x[3] + 2 * s.pad});
  ForEachOutput(dy.shape(), [&](auto n, auto f, auto k, auto l) {
    ForEachWeight(w.shape(), [&](auto c, auto p, auto q) {
      dx_pad(n, c, k * s.stride + p, l * s.stride + q) += dy(n, f, k, l) * w(f, c, p, q);
    });
  });
  return PadBackward(dx_pad, s.pad);
}

Tensor<double> ConvDxTurnedFilters(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                                   const ConvShape& s) {
  const int64_t hh = w.extent(2), ww = w.extent(3);
  Tensor<double> turned({w.extent(1), w.extent(0), hh, ww}), none({w.extent(1)});
  ForEachOutput(w.shape(), [&](auto f, auto c, auto p, auto q) {
    turned(c, f, hh - 1 - p, ww - 1 - q) = w(f, c, p, q);
  });
  // Large enough that a valid correlation gives the padded input, its left-over rows and columns included.
  Tensor<double> spread({x[0], w.extent(0), x[2] + 2 * s.pad + hh - 1, x[3] + 2 * s.pad + ww - 1});
  ForEachOutput(dy.shape(), [&](auto n, auto f, auto k, auto l) {
    spread(n, f, hh - 1 + k * s.stride, ww - 1 + l * s.stride) = dy(n, f, k, l);
  });
  return PadBackward(ConvForward(spread, turned, none, {}), s.pad);
}

}  // namespace fovea::notes
