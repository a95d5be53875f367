// Affine map of features, also called fully connected.
//   y[n,k] = b[k] + sum over c of w[k,c] * x[n,c]
// Shapes    x (N,C); w (K,C); b (K); y (N,K)
// Saves     nothing beyond x and w.
// Backward  db[k] += sum over n of dy[n,k];  dw[k,c] += sum over n of dy[n,k] * x[n,c];  dx[n,c] = sum over k
// of
//           dy[n,k] * w[k,c]
// Throws    ShapeError unless x is (N,C): put a flatten before it.
// Source    docs/derivations/affine_batch_norm_relu.md
#pragma once

#include "fovea/layers/layer.h"

#pragma GCC visibility push(default)
namespace fovea {

struct LinearOptions {
  int64_t features = 1;  // K
  bool bias = true;
  std::string init = "he";

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("features", o.features, AtLeast(1));
    field("bias", o.bias, Any());
    field("init", o.init, OneOf({"he", "xavier", "dirac", "partial_dirac", "mean_field", "zero"}));
  }
};

class Linear final : public LayerOf<Linear, LinearOptions> {
 public:
  static constexpr std::string_view kType = "linear";
  using LayerOf::LayerOf;

  Shape OutputShape(std::span<const Shape> x) const override;
  std::vector<ParameterSpec> Parameters(std::span<const Shape> x) const override;
  int64_t MultiplyAdds(std::span<const Shape> x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Linear, LinearOptions>;

}  // namespace fovea
#pragma GCC visibility pop
