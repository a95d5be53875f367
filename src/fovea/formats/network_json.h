// A network's graph as JSON: input, and for every node its name, type, inputs and hyper-parameters. Weights
// are elsewhere.
#pragma once

#include <string>

#include "fovea/network/network.h"

#pragma GCC visibility push(default)
namespace fovea {

std::string NetworkToJson(const Network& network);

// Throws FormatError naming `where` and the node for anything that is not such a graph, or that asks for more
// than `max_values` parameters and running statistics in all: nothing is allocated for those.
Network NetworkFromJson(const std::string& where, const std::string& text,
                        int64_t max_values = int64_t{1} << 30);

}  // namespace fovea
#pragma GCC visibility pop
