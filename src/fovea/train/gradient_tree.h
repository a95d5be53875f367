// Gradients of the pieces of a batch, added up the tree that the whole batch would use: the same bits, in less
// memory.
#pragma once

#include <vector>

#include "fovea/engine/program.h"

namespace fovea {

// Pieces of micro-shard * 2^k images are whole subtrees of the batch's tree over micro-shards; so neighbours are
// added in pairs, level by level, as a binary counter counts.
class GradientTree {
 public:
  GradientTree(Program& program, int parameters) : program_(program), parameters_(parameters) {}

  // Takes the program's gradients as the next piece.
  void Add();
  // The most that it holds for so many pieces.
  int64_t MostBytes(int64_t pieces) const;
  // Leaves the sum of all pieces in the program's gradients, and is empty again.
  void Finish();

 private:
  struct Node {
    int64_t pieces;
    std::vector<Tensor<float>> gradients;
  };
  void MergeLastTwo();

  Program& program_;
  const int parameters_;
  std::vector<Node> nodes_;  // of falling size
};

// Throws ArgumentError unless `batch` cut into `pieces` gives pieces that are such subtrees.
int64_t PieceOf(int64_t batch, int64_t pieces);

}  // namespace fovea
