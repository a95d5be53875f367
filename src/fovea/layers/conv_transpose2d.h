// The transpose of a convolution, also called deconvolution: its forward pass is the gradient of a convolution by its input.
//   y[n,k,h,w] = b[k] + sum over c, p, q, r, s with h = p*sh + r*rh - pt, w = q*sw + s*rw - pl of
//                w[c, k mod K/g, r, s] * x[n,c,p,q],  c of the group of k
// Shapes    x (N,C,P,Q); w (C,K/g,kh,kw), as in PyTorch and ONNX; b (K); y (N,K,H,W)
//           H = (P - 1)*sh - pt - pb + rh*(kh-1) + output_padding + 1, W likewise
// Options   output_padding: rows and columns more at the bottom and right, which a convolution with this stride would leave over.
// Saves     nothing beyond x and w.
// Backward  db[k] += sum over n,h,w of dy;  dw[c,k,r,s] += sum over n,p,q of x[n,c,p,q] * dy[n,k,h,w]
//           dx = the convolution of dy with w
// Edges     Numbers of y that no window reaches are b.
// Throws    ArgumentError unless output_padding is less than stride or dilation; ShapeError when g does not divide C and K, or
//           padding leaves nothing of y.
// Source    Dumoulin & Visin 2016, arXiv:1603.07285; docs/derivations/convolution.md
#pragma once

#include "fovea/layers/conv2d.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ConvTranspose2dOptions {
  int64_t filters = 1;
  Size2 kernel{2, 2};
  Size2 stride{1, 1};
  Padding padding{};
  Size2 output_padding{0, 0};
  Size2 dilation{1, 1};
  int64_t groups = 1;
  bool bias = true;
  std::string init = "he";

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("filters", o.filters, AtLeast(1));
    field("kernel", o.kernel, Distance(1));
    field("stride", o.stride, Distance(1));
    field("padding", o.padding, Distance(0));
    field("output_padding", o.output_padding, Distance(0));
    field("dilation", o.dilation, Distance(1));
    field("groups", o.groups, AtLeast(1));
    field("bias", o.bias, Any());
    field("init", o.init, OneOf({"he", "xavier", "zero"}));
  }
};

class ConvTranspose2d final : public LayerOf<ConvTranspose2d, ConvTranspose2dOptions> {
 public:
  static constexpr std::string_view kType = "conv_transpose2d";
  explicit ConvTranspose2d(ConvTranspose2dOptions options);

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;
  int64_t MultiplyAdds(std::span<const Shape> x) const override;
  // The convolution, from maps like y to maps of so many channels like x, that has this one's weights.
  Conv2dOptions Transposed(int64_t channels) const;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<ConvTranspose2d, ConvTranspose2dOptions>;

}  // namespace fovea
#pragma GCC visibility pop
