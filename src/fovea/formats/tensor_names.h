// What another framework calls the parameters and running statistics of a network.
#pragma once

#include <map>
#include <string>

#include "fovea/network/network.h"

namespace fovea {

// The network's name of a tensor ("stem.conv.weight") to the other one ("conv1.weight").
using TensorNames = std::map<std::string, std::string>;

// Every tensor by the network's own name.
TensorNames OwnNames(const Network& network);

// The names of PyTorch's torchvision for the built-in VGG, ResNets (20 to 110 too) and MobileNetV2, and the network's own for
// every other node: docs/howto/bring-weights.md has the table. Throws FormatError when two tensors would share a name.
TensorNames TorchNames(const Network& network);

// Names from a text with a line each: "stem.conv = conv1" renames all tensors of a node, "fc.weight = head.w" one tensor;
// "#" begins a remark. A tensor that no line names keeps its name, or has PyTorch's where a line says "torch". Throws FormatError naming
// the file and the line for what is not such a line, a node or tensor that the network lacks, one that is named twice; and naming both for two tensors that share a name.
TensorNames ReadTensorNames(const std::string& path, const Network& network);
TensorNames ParseTensorNames(const std::string& path, const std::string& text, const Network& network);

// By a word: "" the network's own, "torch", or the path of such a text.
TensorNames NamesBy(const std::string& word, const Network& network);

}  // namespace fovea
