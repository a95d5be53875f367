// Batch normalisation of the notes: one-dimensional over (N,D), spatial in one expression, spatial by reshaping to the
// one-dimensional one, and the reshape that looks alike and is wrong.
// Sources: "Note on the implementation of a convolutional neural networks" (2016), "Implementing a Convolutional Layer",
// "Maths Details for Batch Norm Backprop"; errata E27-E38.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea::notes {

constexpr double kEps = 1e-5;  // inside the root

struct NormGradients {
  Tensor<double> dx, dgamma, dbeta;
};

// y = gamma*(x - mu)/sqrt(var + eps) + beta over the rows of x (N,D); biased variance.
Tensor<double> BatchNorm1d(TensorView<const double> x, TensorView<const double> gamma,
                           TensorView<const double> beta);
// dx = gamma/N (var + eps)^-1/2 (N dy - sum dy - (x - mu)/(var + eps) sum dy (x - mu))
NormGradients BatchNorm1dBackward(TensorView<const double> dy, TensorView<const double> x,
                                  TensorView<const double> gamma);

// The same over (N,C,H,W) in one expression, m = N*H*W:
// dx = gamma/m (var + eps)^-1/2 (m dy - sum dy - (x - mu)/(var + eps) sum dy (x - mu)), sums over n, h, w
Tensor<double> SpatialBatchNorm(TensorView<const double> x, TensorView<const double> gamma,
                                TensorView<const double> beta);
NormGradients SpatialBatchNormBackward(TensorView<const double> dy, TensorView<const double> x,
                                       TensorView<const double> gamma);

// (N,C,H,W) -> (N*W*H, C) by exchanging axes 1 and 3 first; and back.
Tensor<double> ToRows(TensorView<const double> x);
Tensor<double> FromRows(TensorView<const double> rows, const Shape& x);
// The trap (E38): the same numbers read as (N*H*W, C) without exchanging axes. Channels are mixed.
Tensor<double> WrongRows(TensorView<const double> x);

// The Jacobian of h = (x - mu)/sqrt(var + eps): d h[k,l] / d x[i,j], which is 0 unless l == j.
double NormJacobian(TensorView<const double> x, int64_t k, int64_t l, int64_t i, int64_t j);

}  // namespace fovea::notes
