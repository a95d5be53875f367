// Terms over operators, and whether a value of a graph is one.
#pragma once

#include <fovea_onnx.pb.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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

// As in "Mul(x, Add(Erf(x), 1))"; attributes stand behind the operator, as in "HardSigmoid[alpha=0.2](x)"; a list of one number is
// that number.
Term ParseTerm(std::string_view text);

// What the names of a term stand for in the graph.
using Bindings = std::map<std::string, std::string>;

// `graph` must stay as long as the matcher.
class Matcher {
 public:
  Matcher(const proto::GraphProto& graph, Sources& sources);

  // Whether a value, or a node, is the term for some values of its names, which are then bound.
  bool Matches(const Term& term, const std::string& name, Bindings& bound) const;
  bool Matches(const Term& term, const proto::NodeProto& node, Bindings& bound) const;

  // Absent where a name is not a constant of one number, a float or an integer of 64 bits.
  std::optional<float> NumberOf(const std::string& name) const;
  std::optional<int64_t> IntegerOf(const std::string& name) const;
  // Of one axis: a single number is spread over x, which arithmetic does and LayerNormalization does not.
  bool IsVector(const std::string& name) const;

 private:
  bool MatchesInputs(const Term& term, const proto::NodeProto& node, bool swapped, Bindings& bound) const;
  const proto::TensorProto* OneOf(const std::string& name) const;

  Sources& sources_;
  std::unordered_map<std::string, const proto::TensorProto*> tensors_;
  std::unordered_map<std::string, const proto::NodeProto*> givers_;
};

}  // namespace fovea::onnx
