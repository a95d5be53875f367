// Functions that ONNX has no operator for at the opset that is written, or that exporters spell out: each is one term over
// operators, by which it is recognised in a file and by which it is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/formats/onnx/constant.h"

namespace fovea::onnx {

// A name that stands for any value, a number, or an operator on terms.
struct Term {
  std::string onnx;                                          // empty: a leaf
  std::vector<std::pair<std::string, double>> attributes{};  // of the operator: these and no others
  std::optional<double> number;
  std::string name;
  std::vector<Term> inputs;
};

struct Pattern {
  const char* onnx;  // the operator that it is
  // An attribute of it, if any: this text or, where there is none, the number that its name stands for in the term.
  const char* attribute;
  const char* text;
  Term term;
  std::vector<std::string> inputs = {"x"};  // names in the term; all but x are constants of one axis
};

// As in "Mul(x, Add(Erf(x), 1))"; attributes stand behind the operator, as in "HardSigmoid[alpha=0.2](x)"; a list of one number is
// that number.
Term ParseTerm(std::string_view text);

const std::vector<Pattern>& Patterns();

// Where a node is the root of a known term, makes it one node of the function's own operator. The inner nodes stay in the graph for
// other readers.
void Fuse(proto::GraphProto& graph, Sources& sources);

}  // namespace fovea::onnx
