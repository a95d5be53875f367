// How many parameters and running statistics a file may ask for: they are counted before anything is allocated.
#pragma once

#include <cstdint>
#include <vector>

#include "fovea/network/network.h"

namespace fovea {

class ValueBudget {
 public:
  explicit ValueBudget(int64_t values) : left_(values) {}

  // Takes what a layer with these inputs would hold. What does not fit together is left to Network::Add, which tells it
  // better. Throws ArgumentError when more is asked than is left.
  void Take(const Layer& layer, const std::vector<int>& inputs, const Network& network);

 private:
  int64_t left_;
};

}  // namespace fovea
