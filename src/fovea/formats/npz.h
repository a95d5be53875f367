// NumPy's files of arrays: .npy holds one, .npz is a zip archive of several.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

using NamedArrays = std::vector<std::pair<std::string, Tensor<float>>>;

// Throws ArgumentError for a name that ends neither in .npy nor in .npz.
void RequireArrayFile(const std::string& path);

// The arrays of a .npy file (one, without a name) or of a .npz file, in its order. Throws IoError, FormatError naming
// the file, the array and the reason, ArgumentError for another ending, and for .npz where libzip was missing when Fovea was built.
NamedArrays ReadArrays(const std::string& path);

// The same of the bytes of a .npz file; errors call it `where`.
NamedArrays ParseNpz(const std::string& where, const std::string& bytes);

// Writes by the end of the name; .npy takes one array. Atomically.
void WriteArrays(const std::string& path, const NamedArrays& arrays);

}  // namespace fovea
#pragma GCC visibility pop
