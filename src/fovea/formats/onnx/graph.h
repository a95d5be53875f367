// The frame of an ONNX graph: which input is the image, which output is the network's, and which nodes that takes.
#pragma once

#include <fovea_onnx.pb.h>

#include <string>
#include <vector>

#include "fovea/formats/onnx/onnx.h"

namespace fovea::onnx {

struct Frame {
  std::string input;     // the name of the image
  Shape image;           // without the batch: (C,H,W), or (C); maps of one dimension have H = 1
  int rank = 0;          // with the batch, as the file has it
  int64_t batch = 0;     // that the file was made for; 0: any
  bool resized = false;  // the file says another image
  std::string output;
  std::vector<const proto::NodeProto*> nodes;  // those that the output needs, in order
};

// Throws FormatError for what is not a graph of one image and one result, with the flag that settles it.
Frame FrameOf(const proto::ModelProto& model, const ImportOptions& options);

// The version of ONNX's own operators. Throws FormatError when it is none that is read.
int64_t OpsetOf(const proto::ModelProto& model);

inline constexpr int64_t kFirstOpset = 6, kLastOpset = 20;

}  // namespace fovea::onnx
