#include "fovea/layers/channel_shuffle.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {

Shape ChannelShuffle::OutputShape(std::span<const Shape> inputs) const {
  const Shape& x = inputs[0];
  if (x.rank() < 2) throw ShapeError(fmt::format("needs channels (N, C, ...), got {}", x.ToString()));
  if (x[1] % options().groups != 0) {
    throw ShapeError(fmt::format("groups={} must divide the {} channels", options().groups, x[1]));
  }
  return x;
}

std::optional<Sources> ChannelShuffle::SourcesOf(const Shape& x) const {
  const int64_t g = options().groups, each = x[1] / g, plane = x.Size() / (x[0] * x[1]);
  return Walk(0, {{each, plane}, {g, each * plane}, {plane, 1}});
}

template class LayerOf<ChannelShuffle, ChannelShuffleOptions>;

}  // namespace fovea
