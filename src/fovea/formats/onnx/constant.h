// A tensor of an ONNX file whose values are known before any image is: a weight, a shape, an axis. Large weights stay in the file
// until a parameter wants them; small ones are held for folding. All types of numbers are read as floats or as integers.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fovea/formats/onnx/skeleton.h"

namespace fovea::onnx {

// Values in a file: little-endian, `type` as in onnx.proto.
struct Stored {
  std::shared_ptr<const ByteSource> source;
  Piece piece;
  int type = 0;
};

// The file of the model, and the files beside it that hold weights, opened when first asked for.
struct Sources {
  std::shared_ptr<const ByteSource> model;
  std::map<std::string, std::shared_ptr<const ByteSource>> beside = {};
};

struct Constant {
  enum class Kind { kFloat, kInteger };

  Kind kind = Kind::kFloat;
  std::vector<int64_t> dims;
  std::vector<float> floats;      // of kFloat
  std::vector<int64_t> integers;  // of kInteger
  // Of kInteger: empty, or which integers are to be multiplied by the size of the batch, which nobody knows yet.
  std::vector<bool> batch;
  std::optional<Stored> stored;  // then the values are there, and not in the vectors
  bool turned = false;           // a stored matrix whose rows are columns there

  int64_t size() const;
  // What a walk over its axes costs at 8 bytes a value: an extent of 0 does not excuse the others. Throws ArgumentError where that
  // is beyond any memory.
  int64_t Bytes() const;
  bool HasBatch() const;
};

// Throws FormatError naming the tensor: its values do not fill its shape, its type is not a number.
Constant ConstantFrom(const proto::TensorProto& tensor, Sources& sources);

// Copies values [first, first + count) of a constant of kFloat, in the order in which they are stored.
void ReadFloats(const Constant& constant, int64_t first, int64_t count, float* to);
// Copies a matrix, its rows as columns.
void ReadTransposed(const Constant& matrix, float* to);

// The same constant with its values in its vectors.
Constant Held(const Constant& constant);
// A held constant of axes `dims`, with the values that steps along them lead to.
Constant Stepped(const Constant& held, std::vector<int64_t> dims, const std::vector<int64_t>& steps);
// The same numbers as kFloat, of which none counts batches.
Constant AsFloats(Constant held);

}  // namespace fovea::onnx
