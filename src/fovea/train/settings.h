// Settings as words of one line, "optimizer=sgd lr=0.02 nesterov=true".
#pragma once

#include <string>

#include "fovea/layers/hyper.h"

namespace fovea {

// Reads numbers, true and false as what they are, all else as text. Throws ArgumentError naming `where` for a word that
// is not name=value, and for a name that stands twice.
HyperList ParseSettings(const std::string& where, const std::string& text);

}  // namespace fovea
