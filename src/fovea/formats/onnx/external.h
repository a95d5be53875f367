// Weights in a file beside the ONNX file.
#pragma once

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

// The place that the tensor's `location`, `offset` and `length` name. Throws FormatError for a location that is absolute, has
// "..", or leads out of the model's folder by a link, and for bytes in memory, which have no folder.
Stored ExternalValues(const proto::TensorProto& tensor, Sources& sources);

}  // namespace fovea::onnx
