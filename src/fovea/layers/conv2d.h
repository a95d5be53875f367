// Convolution as the field uses the word: cross-correlation, the filter is not flipped.
//   y[n,k,p,q] = b[k] + sum over c < C/g, r < kh, s < kw of
//                w[k,c,r,s] * x[n, c + (k / (K/g)) * C/g, p*sh + r*rh - pt, q*sw + s*rw - pl],  x = 0 outside
//                the map
// Shapes    x (N,C,H,W); w (K,C/g,kh,kw); b (K); y (N,K,P,Q)
//           P = floor((H + pt + pb - rh*(kh-1) - 1) / sh) + 1, Q likewise
// Saves     nothing beyond x and w.
// Backward  db[k] += sum over n,p,q of dy;  dw[k,c,r,s] += sum over n,p,q of dy[n,k,p,q] * x[...as above]
//           dx[n,c,h,w] = sum over the (k,p,q,r,s) that read x[n,c,h,w] of dy[n,k,p,q] * w[k,c,r,s]
// Edges     Rows and columns left over when the stride does not divide are not read; their gradient is 0.
// Throws    ShapeError when the window is larger than the padded map, or g does not divide C and K.
// Source    docs/derivations/convolution.md
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct Conv2dOptions {
  int64_t filters = 1;
  Size2 kernel{3, 3};
  Size2 stride{1, 1};
  Padding padding{};
  Size2 dilation{1, 1};
  int64_t groups = 1;
  bool bias = true;
  std::string init = "he";
  std::string auto_pad = "none";  // or "same", "same_lower": padding from the input, see window.h

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("filters", o.filters, AtLeast(1));
    field("kernel", o.kernel, Distance(1));
    field("stride", o.stride, Distance(1));
    field("padding", o.padding, Distance(0));
    field("dilation", o.dilation, Distance(1));
    field("groups", o.groups, AtLeast(1));
    field("bias", o.bias, Any());
    field("init", o.init, OneOf({"he", "xavier", "dirac", "partial_dirac", "mean_field", "whiten", "zero"}));
    field("auto_pad", o.auto_pad, OneOf({"none", "same", "same_lower"}));
  }
};

class Conv2d final : public LayerOf<Conv2d, Conv2dOptions> {
 public:
  static constexpr std::string_view kType = "conv2d";
  using LayerOf::LayerOf;

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;
  int64_t MultiplyAdds(std::span<const Shape> x) const override;
  // The options with the padding that this input gets.
  Conv2dOptions At(const Shape& x) const;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Conv2d, Conv2dOptions>;

// The initialiser of a weight of the given fans by its name: "he", "partial_dirac", "zero".
Initializer InitializerByName(const std::string& name, int64_t fan_in, int64_t fan_out);

}  // namespace fovea
#pragma GCC visibility pop
