// Gaussian error linear unit.
//   approximate = none  y = x*Phi(x),  Phi(x) = (1 + erf(x/sqrt(2))) / 2
//   approximate = tanh  y = x*(1 + tanh(u)) / 2,  u = sqrt(2/pi)*(x + 0.044715*x^3): within 5e-4 of the other
// Backward  none: dx = dy*(Phi(x) + x*phi(x)),  phi(x) = exp(-x^2/2)/sqrt(2*pi)
//           tanh: dx = dy*((1 + tanh(u))/2 + x*(1 - tanh(u)^2)*u'/2),  u' = sqrt(2/pi)*(1 + 3*0.044715*x^2)
// Edges     A NaN passes through. The names of the two forms are those of ONNX.
// Source    Hendrycks & Gimpel 2016, arXiv:1606.08415
#pragma once

#include "fovea/layers/pointwise.h"

#pragma GCC visibility push(default)
namespace fovea {

struct GeluOptions {
  std::string approximate = "none";

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("approximate", o.approximate, OneOf({"none", "tanh"}));
  }
};

class Gelu final : public PointwiseOf<Gelu, GeluOptions> {
 public:
  static constexpr std::string_view kType = "gelu";
  using PointwiseOf::PointwiseOf;

  template <class S>
  Point<S> At(S x) const;
};
extern template class LayerOf<Gelu, GeluOptions>;

}  // namespace fovea
#pragma GCC visibility pop
