// Local response normalisation across channels.
//   s[n,c,h,w] = bias + alpha/size * (sum of x[n,j,h,w]^2 over the window of c);  y = x * s^-beta
//   window of c: the channels from c - floor((size-1)/2) to c + ceil((size-1)/2) that exist
// Shapes    x, y (N,C,...)
// Saves     nothing beyond x.
// Backward  dx[j] = dy[j]*s[j]^-beta - 2*alpha*beta/size * x[j] * (sum of dy[c]*x[c]*s[c]^(-beta-1) over the c whose window holds j)
// Edges     alpha is divided by size, as in ONNX, Caffe and PyTorch, however many channels of the window exist. AlexNet's paper does
//           not divide: its alpha = 1e-4 with size 5 is 5e-4 here. For an even size PyTorch's window has the odd channel before
//           c, ours (ONNX's) after it.
// Source    Krizhevsky, Sutskever & Hinton 2012; ONNX LRN; docs/derivations/local_response_norm.md
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct LocalResponseNormOptions {
  int64_t size = 5;
  double alpha = 1e-4, beta = 0.75, bias = 1;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("size", o.size, Distance(1));
    field("alpha", o.alpha, AtLeast(0));
    field("beta", o.beta, Between(0, 100));
    field("bias", o.bias, Between(1e-12, 1e12));
  }
};

class LocalResponseNorm final : public LayerOf<LocalResponseNorm, LocalResponseNormOptions> {
 public:
  static constexpr std::string_view kType = "local_response_norm";
  explicit LocalResponseNorm(LocalResponseNormOptions options = {}) : LayerOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<LocalResponseNorm, LocalResponseNormOptions>;

}  // namespace fovea
#pragma GCC visibility pop
