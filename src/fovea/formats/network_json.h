// A network's graph as JSON: input, and for every node its name, type, inputs and hyper-parameters. Weights
// are elsewhere.
#pragma once

#include <string>

#include "fovea/network/network.h"

namespace fovea {

std::string NetworkToJson(const Network& network);

// Throws FormatError naming `where` and the node for anything that is not such a graph.
Network NetworkFromJson(const std::string& where, const std::string& text);

}  // namespace fovea
