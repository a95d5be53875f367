// Folding: nodes whose result is known before any image is. Exporters compute shapes by them: Shape, Gather, Unsqueeze, Concat.
// The size of the batch stays a symbol: integers may be multiples of it.
#pragma once

#include <string>
#include <vector>

namespace fovea::onnx {

class Incoming;

// Gives the node's constant and returns true; false where a value of the network is among its inputs or the operator
// is not one that folds. Throws FormatError for what is not sound, Unsupported for what it does not compute.
bool Fold(Incoming& in);

std::vector<std::string> FoldedOperators();
bool IsFolded(const std::string& onnx);

}  // namespace fovea::onnx
