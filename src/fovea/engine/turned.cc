#include "fovea/engine/turned.h"

#include <algorithm>

#include "fovea/engine/steps/binary_step.h"
#include "fovea/engine/steps/curve.h"
#include "fovea/engine/steps/rectifier.h"
#include "fovea/layers/dropout.h"
#include "fovea/layers/layer_norm.h"
#include "fovea/layers/transpose.h"

namespace fovea {
namespace {

// Whether a transposition of an x of four axes takes axis `channels` to place `to` and leaves the order of the others, as far as it matters.
bool Moves(const Layer& layer, const Shape& x, int64_t channels, std::size_t to) {
  const auto* transpose = dynamic_cast<const Transpose*>(&layer);
  if (transpose == nullptr || x.rank() != 4) return false;
  std::vector<int64_t> perm = transpose->options().perm;
  if (perm[to] != channels) return false;
  perm.erase(perm.begin() + static_cast<std::ptrdiff_t>(to));
  return perm[0] < perm[1] || x[static_cast<int>(perm[0])] == 1 || x[static_cast<int>(perm[1])] == 1;
}

// Whether the result of the node is turned where its inputs are.
bool Keeps(const Node& node, const std::vector<Shape>& x) {
  const Layer* layer = node.layer.get();
  if (x[0] != node.shape) return false;
  if (const auto* norm = dynamic_cast<const LayerNorm*>(layer)) return norm->options().shape.size() == 1;
  return CurveOf(layer) || RectifierOf(layer) || dynamic_cast<const Dropout*>(layer) != nullptr ||
         ServesTurned(*layer, x);
}

class Search {
 public:
  explicit Search(const Network& network)
      : network_(network), turned_(static_cast<std::size_t>(network.ValueCount())), keeps_(turned_) {
    for (int node = 0; node < Count(); node++) Propose(node);
    // Somebody must read it, who is no stranger: the user reads the last one.
    turned_.back() = false;
    while (Withdraw()) {
    }
  }
  std::vector<bool> Take() { return std::move(turned_); }

 private:
  int Count() const { return static_cast<int>(network_.nodes().size()); }
  const Node& At(int node) const { return network_.nodes()[static_cast<std::size_t>(node)]; }
  bool InputsTurned(const Node& node) const {
    return std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](int v) { return turned_[static_cast<std::size_t>(v)]; });
  }

  void Propose(int node) {
    const Node& n = At(node);
    const auto value = static_cast<std::size_t>(node) + 1;
    const std::vector<Shape> x = network_.InputShapes(n, 1);
    keeps_[value] = Keeps(n, x);
    const bool starts = Turns(*n.layer, x[0]) && !turned_[static_cast<std::size_t>(n.inputs[0])];
    turned_[value] = starts || (keeps_[value] && InputsTurned(n));
  }

  // Takes back what cannot be: a node that keeps has all of its values turned or none, and whoever else reads one rearranges it.
  bool Withdraw() {
    bool changed = false;
    for (int node = 0; node < Count(); node++) {
      const Node& n = At(node);
      const auto value = static_cast<std::size_t>(node) + 1;
      if (keeps_[value] && turned_[value] && InputsTurned(n)) continue;
      if (keeps_[value] && turned_[value]) turned_[value] = false, changed = true;
      if (!keeps_[value] && dynamic_cast<const Rearrangement*>(n.layer.get()) != nullptr) continue;
      for (const int v : n.inputs) {
        if (turned_[static_cast<std::size_t>(v)])
          turned_[static_cast<std::size_t>(v)] = false, changed = true;
      }
    }
    return changed;
  }

  const Network& network_;
  std::vector<bool> turned_, keeps_;
};

}  // namespace

bool Turns(const Layer& layer, const Shape& x) { return Moves(layer, x, 1, 2); }
bool TurnsBack(const Layer& layer, const Shape& x) { return Moves(layer, x, 3, 0); }

std::vector<bool> TurnedValues(const Network& network) { return Search(network).Take(); }

}  // namespace fovea
