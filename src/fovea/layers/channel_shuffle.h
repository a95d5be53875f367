// Channels of g groups dealt out in turn: y[n, i*g + j] = x[n, j*(C/g) + i] for i < C/g, j < g.
// Shapes    x, y (N,C,...)
// Backward  dx[n, j*(C/g) + i] = dy[n, i*g + j]
// Throws    ShapeError when g does not divide C.
// Source    Zhang et al. 2017, arXiv:1707.01083: what Reshape (g, C/g) - Transpose - Reshape does in ONNX
#pragma once

#include "fovea/layers/rearrangement.h"

#pragma GCC visibility push(default)
namespace fovea {

struct ChannelShuffleOptions {
  int64_t groups = 2;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    field("groups", o.groups, AtLeast(1));
  }
};

class ChannelShuffle final : public RearrangementOf<ChannelShuffle, ChannelShuffleOptions> {
 public:
  static constexpr std::string_view kType = "channel_shuffle";
  explicit ChannelShuffle(ChannelShuffleOptions options = {}) : RearrangementOf(options) {}

  Shape OutputShape(std::span<const Shape> x) const override;
  std::optional<Sources> SourcesOf(const Shape& x) const override;
};
extern template class LayerOf<ChannelShuffle, ChannelShuffleOptions>;

}  // namespace fovea
#pragma GCC visibility pop
