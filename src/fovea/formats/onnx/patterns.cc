#include "fovea/formats/onnx/patterns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "fovea/base/error.h"

namespace fovea::onnx {
namespace {

class TermParser {
 public:
  explicit TermParser(std::string_view text) : text_(text) {}

  Term Parse() {
    const std::size_t end = std::min(text_.find_first_of("(,)"), text_.size());
    const std::string word(text_.substr(0, end));
    text_.remove_prefix(end);
    Term term;
    if (!text_.starts_with('(')) {
      double number = 0;
      if (word != "x" && std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc())
        term.number = number;
      return term;
    }
    term.onnx = word;
    while (!text_.starts_with(')')) {
      text_.remove_prefix(std::min(text_.find_first_not_of("(, "), text_.size()));
      term.inputs.push_back(Parse());
    }
    text_.remove_prefix(1);
    return term;
  }

 private:
  std::string_view text_;
};

class Matcher {
 public:
  Matcher(const proto::GraphProto& graph, Sources& sources) : sources_(sources) {
    for (const auto& tensor : graph.initializer()) tensors_[tensor.name()] = &tensor;
    for (const auto& node : graph.node()) {
      for (const std::string& name : node.output()) givers_[name] = &node;
      if (node.op_type() != "Constant" || node.output_size() == 0) continue;
      for (const auto& attribute : node.attribute()) {
        if (attribute.name() == "value") tensors_[node.output(0)] = &attribute.t();
      }
    }
  }

  // Whether `name` is the value of the term for some x, which is then bound.
  bool Matches(const Term& term, const std::string& name, std::string& x) const {
    if (term.number) return IsNumber(name, *term.number);
    if (term.onnx.empty()) {
      if (x.empty()) x = name;
      return x == name;
    }
    const auto giver = givers_.find(name);
    if (giver == givers_.end() || !MatchesNode(term, *giver->second, x)) return false;
    return giver->second->output(0) == name;
  }

  bool MatchesNode(const Term& term, const proto::NodeProto& node, std::string& x) const {
    const bool same = node.op_type() == term.onnx && node.domain().empty() && node.attribute_size() == 0 &&
                      node.input_size() == static_cast<int>(term.inputs.size());
    if (!same) return false;
    if (MatchesInputs(term, node, false, x)) return true;
    return (term.onnx == "Add" || term.onnx == "Mul") && MatchesInputs(term, node, true, x);
  }

 private:
  bool MatchesInputs(const Term& term, const proto::NodeProto& node, bool swapped, std::string& x) const {
    std::string bound = x;
    for (int i = 0; i < node.input_size(); i++) {
      const int other = swapped ? node.input_size() - 1 - i : i;
      if (!Matches(term.inputs[static_cast<std::size_t>(i)], node.input(other), bound)) return false;
    }
    x = bound;
    return true;
  }

  bool IsNumber(const std::string& name, double number) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return false;
    const auto& dims = found->second->dims();
    if (found->second->data_type() != proto::TensorProto::FLOAT ||
        std::any_of(dims.begin(), dims.end(), [](int64_t e) { return e != 1; }))
      return false;
    float value = 0;
    ReadFloats(ConstantFrom(*found->second, sources_), 0, 1, &value);
    return std::abs(static_cast<double>(value) - number) <= 1e-6 * std::abs(number);
  }

  Sources& sources_;
  std::unordered_map<std::string, const proto::TensorProto*> tensors_;
  std::unordered_map<std::string, const proto::NodeProto*> givers_;
};

}  // namespace

Term ParseTerm(std::string_view text) { return TermParser(text).Parse(); }

const std::vector<Pattern>& Patterns() {
  static const std::vector<Pattern> kPatterns{
      {"Gelu", "approximate", "none", ParseTerm("Mul(Mul(x, Add(Erf(Div(x, 1.4142135623730951)), 1)), 0.5)")},
      {"Gelu", "approximate", "none", ParseTerm("Mul(x, Mul(Add(Erf(Div(x, 1.4142135623730951)), 1), 0.5))")},
      {"Gelu", "approximate", "none", ParseTerm("Mul(Mul(x, 0.5), Add(Erf(Div(x, 1.4142135623730951)), 1))")},
      {"Gelu", "approximate", "tanh",
       ParseTerm("Mul(0.5, Mul(x, Add(1, Tanh(Mul(0.7978845608028654, Add(x, Mul(0.044715, Mul(x, Mul(x, "
                 "x)))))))))")},
      {"HardSwish", "", "", ParseTerm("Mul(x, Div(Clip(Add(x, 3), 0, 6), 6))")},
      {"HardSwish", "", "", ParseTerm("Div(Mul(x, Clip(Add(x, 3), 0, 6)), 6)")},
      {"LogSigmoid", "", "", ParseTerm("Neg(Softplus(Neg(x)))")},
      {"LogSigmoid", "", "", ParseTerm("Log(Sigmoid(x))")},
      {"Mish", "", "", ParseTerm("Mul(x, Tanh(Softplus(x)))")},
      {"Swish", "", "", ParseTerm("Mul(x, Sigmoid(x))")},
  };
  return kPatterns;
}

void Fuse(proto::GraphProto& graph, Sources& sources) {
  const Matcher matcher(graph, sources);
  struct Found {
    int node;
    const Pattern* pattern;
    std::string x;
  };
  std::vector<Found> found;
  for (int i = 0; i < graph.node_size(); i++) {
    for (const Pattern& pattern : Patterns()) {
      std::string x;
      if (graph.node(i).output_size() != 1 || !matcher.MatchesNode(pattern.term, graph.node(i), x)) continue;
      found.push_back({i, &pattern, x});
      break;
    }
  }
  for (const Found& f : found) {
    proto::NodeProto& node = *graph.mutable_node(f.node);
    node.set_op_type(f.pattern->onnx);
    node.clear_input();
    node.add_input(f.x);
    if (*f.pattern->attribute == '\0') continue;
    auto& attribute = *node.add_attribute();
    attribute.set_name(f.pattern->attribute);
    attribute.set_type(proto::AttributeProto::STRING);
    attribute.set_s(f.pattern->text);
  }
}

}  // namespace fovea::onnx
