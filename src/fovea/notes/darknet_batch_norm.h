// Darknet's backward pass of batch norm as its six steps, in its order, on (N,C,H,W); and what goes wrong when the order
// or the printed formula is followed instead.
// Source: the note that explains Darknet's backward_batchnorm_layer; errata E29-E33.
#pragma once

#include "fovea/notes/batch_norm.h"

namespace fovea::notes {

enum class DarknetOrder {
  kRight,             // scale_bias before mean_delta and variance_delta
  kScaleLast,         // E31: loses gamma in the two sums
  kVarianceAsPrinted  // E30: +0.5/(var + eps)^(-3/2) instead of -0.5 (var + eps)^(-3/2)
};

// Training: backward_bias, backward_scale, scale_bias (delta *= gamma), mean_delta, variance_delta, normalize_delta.
NormGradients DarknetBackward(TensorView<const double> delta, TensorView<const double> x,
                              TensorView<const double> gamma, DarknetOrder order = DarknetOrder::kRight);

// Inference: rolling statistics are constants, so dx = gamma*delta/sqrt(var + eps) (E32).
Tensor<double> DarknetBackwardFrozen(TensorView<const double> delta, TensorView<const double> gamma,
                                     TensorView<const double> rolling_var);

// E33: what its forward pass calls the variance: divided by m - 1.
double DarknetVariance(TensorView<const double> x, int64_t channel);

}  // namespace fovea::notes
