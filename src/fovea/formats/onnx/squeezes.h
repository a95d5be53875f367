// PyTorch's squeeze(axis) where the exporter does not know the extent: an If, with Squeeze in one branch and Identity in the other.
#pragma once

#include <fovea_onnx.pb.h>

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

inline constexpr char kSqueezeOfOne[] = "If of Squeeze";

// Makes each such If one node of this name, which reads the value alone and has the attribute `axes`. Other Ifs stay as they are.
void FuseSqueezes(proto::GraphProto& graph, Sources& sources);

}  // namespace fovea::onnx
