// Functions that ONNX has no operator for at the opset that is written, or that exporters spell out: each is one term over
// operators, by which it is recognised in a file and by which it is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

// x, a number, or an operator on terms.
struct Term {
  std::string onnx;  // empty: a leaf
  std::optional<double> number;
  std::vector<Term> inputs;
};

struct Pattern {
  const char* onnx;       // the operator that it is
  const char* attribute;  // which has this attribute, if any, of this text
  const char* text;
  Term term;
};

// As in "Mul(x, Add(Erf(x), 1))".
Term ParseTerm(std::string_view text);

const std::vector<Pattern>& Patterns();

// Where a node is the root of a known term, makes it one node of the function's own operator. The inner nodes stay in the graph for
// other readers.
void Fuse(proto::GraphProto& graph, Sources& sources);

}  // namespace fovea::onnx
