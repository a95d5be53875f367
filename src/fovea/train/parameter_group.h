// A group of parameters that learn in a way of their own, a line of text: a pattern of parameter names, in which * stands
// for anything, and settings.
//   "*.bn.weight epochs=0"                        frozen
//   "stem.bias   epochs=3"                        learns in the first three epochs, its schedule over these
//   "fc.*        optimizer=sgd lr=0.02 momentum=0.85 weight_decay=0.2"
// The settings are the names of Learning, and epochs.
#pragma once

#include <string>

#include "fovea/train/learning.h"

namespace fovea {

struct GroupLearning : Learning {
  int64_t epochs = 0;

  template <class Self, class F>
  static void Fields(Self& o, F&& field) {
    Learning::Fields(o, field);
    field("epochs", o.epochs, AtLeast(0));
  }
};

struct ParameterGroup {
  std::string pattern;
  HyperList settings;

  bool Names(const std::string& parameter) const;
};

// Throws ArgumentError for a word that is not a setting, an unknown name (with the nearest known one) or a wrong value.
ParameterGroup ParseGroup(const std::string& text);

}  // namespace fovea
