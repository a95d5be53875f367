// ONNX files to models and back: opsets 6 to 20 are read, opset 17 is written. docs/onnx.md lists the operators.
//
// A file becomes an ordinary model: it can be trained, saved and compiled as if it had been built here. The batch is free,
// whatever number the file says; maps of one dimension have H = 1. Weights go from the file straight into the network.
// Preprocessing, names of classes and conventions travel in the file's metadata; a file without them reads pixels / 255.
#pragma once

#include <string>
#include <string_view>

#include "fovea/formats/import_options.h"
#include "fovea/network/model.h"

#pragma GCC visibility push(default)
namespace fovea {

// Whether this build knows ONNX. Without protobuf every function below throws ArgumentError that says what to install.
bool KnowsOnnx();

// Throws IoError; FormatError naming file, place and reason for anything that is not a sound ONNX file; and one FormatError that
// lists every node that Fovea has no layer for.
Model LoadOnnx(const std::string& path, const ImportOptions& options = {});
// `where` names the bytes in errors. Weights outside the file are refused.
Model ParseOnnx(const std::string& where, std::string_view bytes, const ImportOptions& options = {});

// Throws ArgumentError for a layer that ONNX has no operator for.
std::string SerialiseOnnx(const Model& model);
void SaveOnnx(const std::string& path, const Model& model);

// What a file says of itself, as lines: producer, opset, inputs, outputs, operators, weights, metadata. Reads files that
// LoadOnnx refuses too.
std::string DescribeOnnx(const std::string& path);

}  // namespace fovea
#pragma GCC visibility pop
