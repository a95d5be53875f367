// A model that was read also runs, where it is small: what a file asks for may be as much as a machine can do.
#pragma once

#include "fovea/engine/program.h"
#include "fovea/network/model.h"

namespace fovea {

inline bool IsSmall(const Network& network) {
  constexpr int64_t kMostNumbers = 1 << 16, kMostAdds = 1 << 20;
  int64_t adds = 0;
  for (const Node& node : network.nodes()) {
    if (node.shape.Size() > kMostNumbers) return false;
    const int64_t more = node.layer->MultiplyAdds(network.InputShapes(node, 1));
    if (more < 0 || more > kMostAdds) return false;
    adds += more;
  }
  return adds <= kMostAdds && network.InputShape(1).Size() <= kMostNumbers && network.nodes().size() < 64;
}

inline void RunSmall(Model model) {
  if (!IsSmall(model.network)) return;
  Program program(model.network, {.max_batch = 2, .threads = 1});
  program.Forward(Tensor<float>(model.network.InputShape(2)));
}

}  // namespace fovea
