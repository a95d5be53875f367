// Attributes as hyper-parameters and back, by the form that a row of the dialect states.
#pragma once

#include "fovea/formats/onnx/attributes.h"
#include "fovea/formats/onnx/dialect.h"

namespace fovea::onnx {

// Throws Unsupported for a value that the form has no word for, FormatError for the wrong type of attribute.
HyperValue FromAttribute(const AttributeRow& row, const Attributes& attributes);

// Writes nothing for what the operator takes anyway.
void ToAttribute(const AttributeRow& row, const HyperValue& value, proto::NodeProto& node);

// Whether the attribute would be the same for both: single precision may not tell 0.1 from what the file holds.
bool SaysTheSame(const Operator& row, const Hyper& a, const Hyper& b);

void SetIntegers(const char* name, const std::vector<int64_t>& values, proto::NodeProto& node);
void SetInteger(const char* name, int64_t value, proto::NodeProto& node);

}  // namespace fovea::onnx
