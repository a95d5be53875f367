// Folding of what moves values of constants, repeats them, leaves some out or puts others around them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

class Incoming;

// Of the extents [first, last).
int64_t Product(const std::vector<int64_t>& dims, std::size_t first, std::size_t last);
// The values of x at `places`, in their order, as a constant of axes `dims`.
Constant Pick(Incoming& in, const Constant& x, std::vector<int64_t> dims, const std::vector<int64_t>& places);
// The extents of a Split's parts of an axis. Throws FormatError where they are not what there is.
std::vector<int64_t> PartsOf(Incoming& in, int64_t extent);

Constant FoldGather(Incoming& in);
Constant FoldSlice(Incoming& in);
Constant FoldConcat(Incoming& in);
Constant FoldTile(Incoming& in);
Constant FoldPad(Incoming& in);
// Gives the further outputs itself.
Constant FoldSplit(Incoming& in);

}  // namespace fovea::onnx
