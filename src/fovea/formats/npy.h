// NumPy's .npy files: one array of numbers.
//   "\x93NUMPY", version, the length of the header; the header, a Python dict of descr, fortran_order and shape; the values
// Read: floats of 2, 4 and 8 bytes, integers of 1 to 8, booleans, little-endian, row-major; all become float. Written: float.
// Source: numpy.lib.format
#pragma once

#include <string>
#include <string_view>

#include "fovea/tensor/tensor.h"

#pragma GCC visibility push(default)
namespace fovea {

// Throws FormatError naming `where`, the offset and the reason.
Tensor<float> ParseNpy(const std::string& where, std::string_view bytes);
std::string SerialiseNpy(TensorView<const float> array);

}  // namespace fovea
#pragma GCC visibility pop
