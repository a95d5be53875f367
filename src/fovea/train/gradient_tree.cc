#include "fovea/train/gradient_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "fovea/base/error.h"
#include "fovea/base/micro_shard.h"
#include "fovea/optim/vectors.h"

namespace fovea {

void GradientTree::Add() {
  Node node{1, {}};
  for (int i = 0; i < parameters_; i++) node.gradients.push_back(Cast<float>(program_.gradient(i)));
  nodes_.push_back(std::move(node));
  while (nodes_.size() > 1 && nodes_[nodes_.size() - 2].pieces == nodes_.back().pieces) MergeLastTwo();
}

void GradientTree::Finish() {
  while (nodes_.size() > 1) MergeLastTwo();
  for (int i = 0; i < parameters_; i++) {
    const auto& sum = nodes_[0].gradients[static_cast<std::size_t>(i)];
    std::copy(sum.values().begin(), sum.values().end(), program_.gradient(i).data());
  }
  nodes_.clear();
}

// As many nodes as bits of a counter, and the piece that is added to it.
int64_t GradientTree::MostBytes(int64_t pieces) const {
  if (pieces < 2) return 0;
  int64_t bytes = 0;
  for (int i = 0; i < parameters_; i++) bytes += AlignedBytes<float>(program_.gradient(i).size());
  return bytes * static_cast<int64_t>(std::bit_width(static_cast<uint64_t>(pieces)));
}

void GradientTree::MergeLastTwo() {
  const Node right = std::move(nodes_.back());
  nodes_.pop_back();
  Node& left = nodes_.back();
  left.pieces += right.pieces;
  for (std::size_t i = 0; i < left.gradients.size(); i++) {
    AddTo(program_.pool(), left.gradients[i].size(), right.gradients[i].data(), left.gradients[i].data());
  }
}

int64_t PieceOf(int64_t batch, int64_t pieces) {
  if (pieces == 1) return batch;
  const int64_t piece = batch / pieces;
  if (batch % pieces == 0 && piece % kMicroShard == 0 &&
      std::has_single_bit(static_cast<uint64_t>(piece / kMicroShard))) {
    return piece;
  }
  throw ArgumentError(fmt::format(
      "accumulate cuts the batch of {} into {} pieces; a piece must hold {}, {}, {}, {}, ... images", batch,
      pieces, kMicroShard, 2 * kMicroShard, 4 * kMicroShard, 8 * kMicroShard));
}

}  // namespace fovea
