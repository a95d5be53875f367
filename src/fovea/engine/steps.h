// Which step serves a node: the first row of an ordered list that accepts it; the last row accepts
// everything.
#pragma once

#include <memory>

#include "fovea/engine/step.h"

namespace fovea {

struct StepChoice {
  std::unique_ptr<Step> step;
  int nodes = 1;  // how many consecutive nodes of the chain the step serves
  Storage y;      // of its output; meaningful when step is set
  std::vector<int> first_inputs =
      {};  // values that later nodes of the chain read: its inputs before the first node's
  explicit operator bool() const { return step != nullptr; }
};

StepChoice ChooseStep(const Site& site);

// The last row alone: the reference step.
StepChoice LastResort(const Site& site);

// Whether a step that accepts the image layout would serve this reader of the network's input.
bool AcceptsImage(const Site& site);

}  // namespace fovea
