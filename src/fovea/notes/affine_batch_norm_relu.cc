#include "fovea/notes/affine_batch_norm_relu.h"

namespace fovea::notes {
namespace {

Tensor<double> Affine(TensorView<const double> x, TensorView<const double> w, TensorView<const double> b) {
  Tensor<double> h({x.extent(0), w.extent(1)});
  for (int64_t n = 0; n < x.extent(0); n++)
    for (int64_t l = 0; l < w.extent(1); l++) {
      h(n, l) = b[l];
      for (int64_t d = 0; d < x.extent(1); d++) h(n, l) += x(n, d) * w(d, l);
    }
  return h;
}

}  // namespace

Tensor<double> AffineBatchNormRelu(TensorView<const double> x, TensorView<const double> w,
                                   TensorView<const double> b, TensorView<const double> gamma,
                                   TensorView<const double> beta) {
  Tensor<double> a = BatchNorm1d(Affine(x, w, b), gamma, beta);
  for (double& v : a.values()) v = v > 0 ? v : 0;
  return a;
}

SandwichGradients AffineBatchNormReluBackward(TensorView<const double> da, TensorView<const double> x,
                                              TensorView<const double> w, TensorView<const double> b,
                                              TensorView<const double> gamma, TensorView<const double> beta) {
  const Tensor<double> h = Affine(x, w, b), y = BatchNorm1d(h, gamma, beta);
  Tensor<double> dy(da.shape());
  for (int64_t i = 0; i < dy.size(); i++) dy[i] = y[i] > 0 ? da[i] : 0;
  NormGradients norm = BatchNorm1dBackward(dy, h, gamma);
  SandwichGradients g{Tensor<double>(x.shape()), Tensor<double>(w.shape()), Tensor<double>(b.shape()),
                      std::move(norm.dgamma), std::move(norm.dbeta)};
  for (int64_t n = 0; n < x.extent(0); n++)
    for (int64_t l = 0; l < w.extent(1); l++) {
      g.db[l] += norm.dx(n, l);
      for (int64_t d = 0; d < x.extent(1); d++) {
        g.dx(n, d) += norm.dx(n, l) * w(d, l);
        g.dw(d, l) += x(n, d) * norm.dx(n, l);
      }
    }
  return g;
}

}  // namespace fovea::notes
