// Folding of arithmetic between constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

class Incoming;

// An axis from one that may count from the end. Throws FormatError where there is none.
int64_t AxisOf(int64_t axis, std::size_t rank);
// The axes of two tensors that are spread over each other. Throws FormatError where they do not go together.
std::vector<int64_t> JoinedDims(const std::vector<int64_t>& a, const std::vector<int64_t>& b);

// Add, Sub, Mul, Div, Pow, Equal of two constants that are spread over each other. Of the batch there are multiples only.
Constant FoldArithmetic(Incoming& in);
Constant FoldWhere(Incoming& in);
// Sqrt, Floor, ...: of each number alone.
Constant FoldFunction(Incoming& in);
// ReduceMean, ReduceSum, ...
Constant FoldReduce(Incoming& in);
// Products of matrices and of lists of numbers.
Constant FoldMatMul(Incoming& in);
Constant FoldCast(Incoming& in);

}  // namespace fovea::onnx
