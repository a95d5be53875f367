// Blocks of channels become blocks of pixels: with blocks of b*b,
//   y[n, c, h*b + i, w*b + j] = x[n, k, h, w]
//     k = (i*b + j)*C/b^2 + c  in mode DCR (depth, column, row: ONNX's default, TensorFlow)
//     k = c*b^2 + i*b + j      in mode CRD (ONNX, torch.pixel_shuffle)
// Shapes    x (N,C,H,W); y (N, C/b^2, H*b, W*b)
// Backward  dx is dy back in its places: what space_to_depth does.
// Throws    ShapeError when b^2 does not divide C.
// Source    Shi et al. 2016, arXiv:1609.05158
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct BlockOptions {
  int64_t block = 2;
  std::string mode = "DCR";

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("block", o.block, Between(1, 1 << 15));
    field("mode", o.mode, OneOf({"DCR", "CRD"}));
  }
};

class DepthToSpace final : public RearrangementOf<DepthToSpace, BlockOptions> {
 public:
  static constexpr std::string_view kType = "depth_to_space";
  explicit DepthToSpace(BlockOptions options = {}) : RearrangementOf(std::move(options)) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;
};
extern template class LayerOf<DepthToSpace, BlockOptions>;

}  // namespace fovea
#pragma GCC visibility pop
