// What LayerNorm, GroupNorm and InstanceNorm share: each normalises rows, stretches of m numbers of one sample.
//   mu = mean(x), var = mean((x - mu)^2), r = 1/sqrt(var + eps), h = (x - mu)*r;  y = gamma*h + beta
//   with g = gamma*dy:  dx = r*(g - mean(g) - h*mean(g*h));  dgamma += sum of dy*h;  dbeta += sum of dy
// docs/derivations/row_norm.md
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct Rows {
  int64_t length;  // m
  double eps;
  bool affine;  // else gamma = 1, beta = 0
  // gamma and beta of number i of x are those of parameter i / run % parameters.
  int64_t run, parameters;
};

template <class S>
void NormaliseRows(const Rows& rows, const ForwardCall<S>& call);
template <class S>
void NormaliseRowsBackward(const Rows& rows, const BackwardCall<S>& call);

// "weight" and "bias" of this shape, or none.
std::vector<ParameterSpec> AffineParameters(bool affine, const Shape& shape);

}  // namespace fovea
#pragma GCC visibility pop
