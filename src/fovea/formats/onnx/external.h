// Weights in a file beside the ONNX file.
#pragma once

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

// The place that the tensor's `location`, `offset` and `length` name. Throws FormatError for a location that is absolute, has
// "..", or leads out of the model's folder by a link, and for bytes in memory, which have no folder.
Stored ExternalValues(const proto::TensorProto& tensor, Sources& sources);

// How many bytes beside the model its weights have there: no more of a file than they name, and no more than it has. What cannot be
// read counts nothing.
int64_t BytesBeside(const proto::GraphProto& graph, Sources& sources);

}  // namespace fovea::onnx
