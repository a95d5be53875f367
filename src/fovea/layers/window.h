// The geometry that convolution and pooling share: how far a sliding window goes, and automatic padding.
#pragma once

#include "fovea/layers/layer.h"

namespace fovea {

// Extent of the output of a sliding window, floor((extent + pads - dilation*(kernel-1) - 1) / stride) + 1. Throws
// ShapeError naming `axis` when the window does not fit.
int64_t WindowedExtent(const char* axis, int64_t extent, int64_t pad_before, int64_t pad_after,
                       int64_t kernel, int64_t dilation, int64_t stride);

// "none": `given`. "same": as much padding as gives P = ceil(H / stride), the odd row at the bottom and right
// (TensorFlow's SAME, ONNX's SAME_UPPER); "same_lower": the odd row at the top and left.
Padding ResolvePadding(const std::string& auto_pad, const Padding& given, const Shape& x, Size2 kernel,
                       Size2 dilation, Size2 stride);

}  // namespace fovea
