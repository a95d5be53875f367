// Max pooling of the notes: windows Hp x Wp, stride S, no padding. Two of the three backward passes that the notes offer
// err, and are kept here to show where.
// Source: "Note on the implementation of a convolutional neural networks" (2016); errata E19-E26.
#pragma once

#include "fovea/tensor/tensor.h"

namespace fovea::notes {

struct PoolWindow {
  int64_t h = 2, w = 2, stride = 2;
};

Tensor<double> MaxPoolForward(TensorView<const double> x, const PoolWindow& p);

// Right: the gradient goes to the first maximum of its own window, or to its first NaN; overlapping windows add up.
Tensor<double> MaxPoolDx(TensorView<const double> dy, TensorView<const double> x, const PoolWindow& p);

// Errs (E22): looks for the window's maximum in the whole plane, and so gives the gradient to whichever place holds the
// same value first.
Tensor<double> MaxPoolDxPlaneWide(TensorView<const double> dy, TensorView<const double> x,
                                  const PoolWindow& p);

// Errs (E24): gives every tied maximum of a window the full gradient, and so creates gradient; drops it for a NaN (E26).
Tensor<double> MaxPoolDxAllTies(TensorView<const double> dy, TensorView<const double> x, const PoolWindow& p);

}  // namespace fovea::notes
