// An ONNX file without its weights: the messages are parsed by protobuf, and the values of each tensor stay where they are,
// remembered as a place in the file. So a file of any size costs its graph, and each weight is read once, into its tensor.
#pragma once

#include <fovea_onnx.pb.h>

#include "fovea/formats/byte_source.h"

namespace fovea::onnx {

// Where the values of a tensor lie, little-endian, in the order of the tensor.
struct Piece {
  int64_t offset = 0, bytes = 0;
};

// In the model that comes back, the raw_data of every tensor holds a Piece (see PieceOf) in place of its values; so does that of
// a tensor with packed float_data, which has the same bytes. Throws FormatError naming the file, the offset and the
// reason: not protobuf, a field beyond the file's end, a graph of more than 16 MiB, no graph.
proto::ModelProto ReadSkeleton(const ByteSource& source);

Piece PieceOf(const proto::TensorProto& tensor);

}  // namespace fovea::onnx
