// The parameters and running statistics of a network alone, by name: from other frameworks and for them.
#pragma once

#include <string>

#include "fovea/formats/npz.h"
#include "fovea/formats/safetensors.h"
#include "fovea/formats/tensor_names.h"

namespace fovea {

// The tensors of a .safetensors file.
NamedArrays ArraysOf(TensorFile&& file);

// Reads the arrays of a .safetensors, .npz or .npy file. Throws ArgumentError for another ending.
NamedArrays ReadWeights(const std::string& path);

// Sets every tensor of the network from the array of its other name. Throws FormatError that lists what is missing, has another
// shape or is left over (but for PyTorch's counters of batches); the network is then as it was.
void SetWeights(const std::string& path, const NamedArrays& arrays, const TensorNames& names,
                Network& network);

// The tensors of the network by their other names; written by the end of the path: .safetensors, .npz, or .npy for a
// network of one tensor. Throws ArgumentError for another ending.
void SaveWeights(const std::string& path, const Network& network, const TensorNames& names);

}  // namespace fovea
