// Blocks of pixels become blocks of channels, the inverse of depth_to_space: with blocks of b*b,
//   y[n, k, h, w] = x[n, c, h*b + i, w*b + j]
//     k = (i*b + j)*C + c      in mode DCR (ONNX SpaceToDepth, TensorFlow)
//     k = c*b^2 + i*b + j      in mode CRD (torch.pixel_unshuffle)
// Shapes    x (N,C,H,W); y (N, C*b^2, H/b, W/b)
// Backward  dx is dy back in its places: what depth_to_space does.
// Reorg     Darknet's reorg with stride s reads its C*H*W numbers as a map (C/s^2, H*s, W*s), does this in mode DCR, and calls
//           what comes out (C*s^2, H/s, W/s): a reshape on either side.
// Throws    ShapeError when b does not divide H and W.
// Source    Shi et al. 2016, arXiv:1609.05158, whose inverse it is; ONNX SpaceToDepth, torch.nn.PixelUnshuffle
#pragma once

#include "fovea/layers/depth_to_space.h"

#pragma GCC visibility push(default)
namespace fovea {

class SpaceToDepth final : public RearrangementOf<SpaceToDepth, BlockOptions> {
 public:
  static constexpr std::string_view kType = "space_to_depth";
  explicit SpaceToDepth(BlockOptions options = {}) : RearrangementOf(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;
};
extern template class LayerOf<SpaceToDepth, BlockOptions>;

}  // namespace fovea
#pragma GCC visibility pop
