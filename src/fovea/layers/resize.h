// A map of another size, each axis by itself.
//   y[n,c,p,q] = sum over the taps (h, a) of row p and (w, b) of column q of a*b * x[n,c,h,w]
// Row p looks at the place v of x, by coordinates (Hin, Hout extents, s the scale Hout/Hin or the one given):
//   half_pixel            (p + 0.5)/s - 0.5
//   pytorch_half_pixel    the same, 0 when Hout is 1
//   half_pixel_symmetric  the same, moved so that both middles agree where s*Hin is not whole: + Hin/2 * (1 - Hout/(s*Hin))
//   align_corners         p*(Hin - 1)/(Hout - 1), 0 when Hout is 1
//   asymmetric            p/s
//   tf_half_pixel_for_nn  (p + 0.5)/s
// and with t = v - floor(v) its taps are, by mode,
//   nearest   v rounded by `nearest`: round_prefer_floor and round_prefer_ceil (halves down, up), floor, ceil
//   linear    floor(v), weight 1 - t, and floor(v) + 1, weight t
//   cubic     floor(v) - 1 to floor(v) + 2 with the kernel of Keys, a = cubic_coeff_a (-0.75 in PyTorch, -0.5 in TensorFlow)
// Shapes    x (N,C,H,W); y (N,C,P,Q): `sizes`, or where that is 0 floor(H*scale_h), floor(W*scale_w)
// Backward  dx[n,c,h,w] = sum of a*b * dy[n,c,p,q] over the places that read it
// Edges     A tap outside the map reads its edge; with exclude_outside it has weight 0 and the others share it.
// Throws    ShapeError when y would be empty.
// Source    ONNX Resize (17); Keys 1981. torch.nn.functional.interpolate: nearest is asymmetric with floor, nearest-exact
//           tf_half_pixel_for_nn with floor; bilinear and bicubic are half_pixel, whatever ONNX calls it, or align_corners.
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ResizeOptions {
  Size2 sizes{0, 0};
  double scale_h = 2, scale_w = 2;
  std::string mode = "nearest";
  std::string coordinates = "half_pixel";
  std::string nearest = "round_prefer_floor";
  double cubic_coeff_a = -0.75;
  bool exclude_outside = false;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("sizes", o.sizes, AtLeast(0));
    field("scale_h", o.scale_h, Between(1e-6, 1e6));
    field("scale_w", o.scale_w, Between(1e-6, 1e6));
    field("mode", o.mode, OneOf({"nearest", "linear", "cubic"}));
    field("coordinates", o.coordinates,
          OneOf({"half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric",
                 "tf_half_pixel_for_nn"}));
    field("nearest", o.nearest, OneOf({"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
    field("cubic_coeff_a", o.cubic_coeff_a, Between(-10, 10));
    field("exclude_outside", o.exclude_outside, Any());
  }
};

class Resize final : public LayerOf<Resize, ResizeOptions>, public Rearrangement {
 public:
  static constexpr std::string_view kType = "resize";
  explicit Resize(ResizeOptions options = {}) : LayerOf(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  // Of mode nearest.
  std::optional<Sources> SourcesOf(const Shape& x) const override;

  template <class S>
  void Forward(const ForwardCall<S>& call) const;
  template <class S>
  void Backward(const BackwardCall<S>& call) const;
};
extern template class LayerOf<Resize, ResizeOptions>;

}  // namespace fovea
#pragma GCC visibility pop
