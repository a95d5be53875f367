// Attributes as hyper-parameters and back, by the form that a row of the dialect states.
#pragma once

#include "fovea/formats/onnx/attributes.h"
#include "fovea/formats/onnx/dialect.h"

namespace fovea::onnx {

// Throws Unsupported for a value that the form has no word for, FormatError for the wrong type of attribute.
HyperValue FromAttribute(const AttributeRow& row, const Attributes& attributes);

// Writes nothing for what the operator takes anyway.
void ToAttribute(const AttributeRow& row, const HyperValue& value, proto::NodeProto& node);

void SetIntegers(const char* name, const std::vector<int64_t>& values, proto::NodeProto& node);
void SetInteger(const char* name, int64_t value, proto::NodeProto& node);

}  // namespace fovea::onnx
