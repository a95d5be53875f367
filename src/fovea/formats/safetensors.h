// The safetensors format: named tensors and a map of texts in one file. Read: every type of number but those of 8-bit floats, as
// float; written: F32.
//   8 bytes little-endian length of the header; the header, a JSON object; the values of the tensors, one
//   after the other
// Files are data: a reader trusts no byte. Source: github.com/huggingface/safetensors, its README
#pragma once

#include <map>
#include <string>

#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::map<std::string, Tensor<float>> tensors;
};

// Throws IoError when the file cannot be read, FormatError naming file, offset and reason when it is not what
// it claims.
TensorFile ReadTensorFile(const std::string& path);
TensorFile ParseTensorFile(const std::string& path, const std::string& bytes);

// Equal contents give equal bytes: keys are sorted. Written atomically.
void WriteTensorFile(const std::string& path, const TensorFile& file);
std::string SerialiseTensorFile(const TensorFile& file);

}  // namespace fovea
#pragma GCC visibility pop
