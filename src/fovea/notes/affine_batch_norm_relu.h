// h = X W + b -> batch norm -> a = ReLU(y), with every gradient: the chain that the note sets out on, finished.
//   dy = da*1{y > 0};  dbeta = sum dy;  dgamma = sum dy*hhat;  dh by batch norm;  dX = dh W^T;  dW = X^T dh;  db = sum dh = 0
// X (N,D), W (D,L), b, gamma, beta (L). Source: "Maths Details for Batch Norm Backprop"; errata E34-E37.
#pragma once

#include "fovea/notes/batch_norm.h"

namespace fovea::notes {

struct SandwichGradients {
  Tensor<double> dx, dw, db, dgamma, dbeta;
};

Tensor<double> AffineBatchNormRelu(TensorView<const double> x, TensorView<const double> w,
                                   TensorView<const double> b, TensorView<const double> gamma,
                                   TensorView<const double> beta);
SandwichGradients AffineBatchNormReluBackward(TensorView<const double> da, TensorView<const double> x,
                                              TensorView<const double> w, TensorView<const double> b,
                                              TensorView<const double> gamma, TensorView<const double> beta);

}  // namespace fovea::notes
