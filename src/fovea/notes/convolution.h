// The convolution of the notes, in every variant that they describe, corrected. All are over double, one stride S and one
// padding P for both axes, as in the notes; the layer (layers/conv2d.h) is general.
//   x (N,C,H,W), w (F,C,HH,WW), b (F), y and dy (N,F,P,Q) with P = floor((H + 2P - HH)/S) + 1
// Sources: "Note on the implementation of a convolutional neural networks" (2016) and "Implementing a Convolutional Layer",
// both after Stanford CS231n, assignment 2. The errata are in docs/derivations/errata.md.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea::notes {

struct ConvShape {
  int64_t stride = 1, pad = 0;
};

// x with `pad` zeros on all four sides; x is not changed.
Tensor<double> Pad(TensorView<const double> x, int64_t pad);
// The gradient of Pad: the middle of dx_pad. x_pad[h] = x[h - pad] exactly where pad <= h < H + pad.
Tensor<double> PadBackward(TensorView<const double> dx_pad, int64_t pad);

// Four loops over the output, a sum over each window.
Tensor<double> ConvForward(TensorView<const double> x, TensorView<const double> w, TensorView<const double> b,
                           const ConvShape& s);

// dw[f,c,i,j] = sum of dy[n,f,k,l] * x_pad[n,c,i + S*k, j + S*l]: a strided slice of x_pad for each weight.
Tensor<double> ConvDw(TensorView<const double> dy, TensorView<const double> x, const Shape& w,
                      const ConvShape& s);
// db[f] = sum of dy[n,f,k,l].
Tensor<double> ConvDb(TensorView<const double> dy);

// Five ways to dx, all equal:
// Every index in a loop of its own, with the test p + S*k == i + P.
Tensor<double> ConvDxNineLoops(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                               const ConvShape& s);
// For each input pixel and output pixel, masks over the filter choose the one weight that joins them.
Tensor<double> ConvDxMasks(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                           const ConvShape& s);
// dx[n,c,i,j] = sum over f,k,l of dy[n,f,k,l] * w[f,c,P + i - S*k, P + j - S*l] where that index exists.
Tensor<double> ConvDxClosedForm(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                                const ConvShape& s);
// Without loops over input pixels: each dy scatters its filter into dx_pad (col2im).
Tensor<double> ConvDxScatter(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                             const ConvShape& s);
// Without loops over output pixels either: dy is spread out by S, padded by HH-1 and WW-1 (and by what the stride left
// over), and correlated with the filters turned by half a circle, F and C exchanged.
Tensor<double> ConvDxTurnedFilters(TensorView<const double> dy, TensorView<const double> w, const Shape& x,
                                   const ConvShape& s);

}  // namespace fovea::notes
