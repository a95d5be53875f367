// Functions that ONNX has no operator for at the opset that is written, or that exporters spell out: each is one term over
// operators, by which it is recognised in a file and by which it is written.
#pragma once

#include <string>
#include <vector>

#include "fovea/formats/onnx/matcher.h"

namespace fovea::onnx {

struct Pattern {
  const char* onnx;  // the operator that it is
  // An attribute of it, if any: this text or, where there is none, the number that its name stands for in the term.
  const char* attribute;
  const char* text;
  Term term;
  std::vector<std::string> inputs = {"x"};  // names in the term; all but x are constants of one axis
};

const std::vector<Pattern>& Patterns();

// Where a node is the root of a known term, makes it one node of the function's own operator. The inner nodes stay in the graph for
// other readers.
void Fuse(proto::GraphProto& graph, Sources& sources);

}  // namespace fovea::onnx
