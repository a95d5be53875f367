#include "fovea/formats/onnx/patterns.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>

#include "fovea/base/error.h"

namespace fovea::onnx {
namespace {

class TermParser {
 public:
  explicit TermParser(std::string_view text) : text_(text) {}

  Term Parse() {
    const std::string word = Word("[(,)");
    Term term;
    if (!text_.starts_with('(') && !text_.starts_with('[')) {
      double number = 0;
      if (std::from_chars(word.data(), word.data() + word.size(), number).ec == std::errc()) {
        term.number = number;
      } else {
        term.name = word;
      }
      return term;
    }
    term.onnx = word;
    while (!text_.starts_with('(')) {
      text_.remove_prefix(text_.find_first_not_of("[, "));
      const std::string name = Word("=");
      text_.remove_prefix(1);
      term.attributes.emplace_back(name, std::stod(Word(",]")));
      if (text_.starts_with(']')) text_.remove_prefix(1);
    }
    while (!text_.starts_with(')')) {
      text_.remove_prefix(std::min(text_.find_first_not_of("(, "), text_.size()));
      term.inputs.push_back(Parse());
    }
    text_.remove_prefix(1);
    return term;
  }

 private:
  // What stands before any of these.
  std::string Word(const char* ends) {
    std::string word(text_.substr(0, text_.find_first_of(ends)));
    text_.remove_prefix(word.size());
    return word;
  }

  std::string_view text_;
};

bool IsClose(float value, double number) {
  return std::abs(static_cast<double>(value) - number) <= 1e-6 * std::abs(number);
}

bool IsNumber(const proto::AttributeProto& attribute, double number) {
  switch (attribute.type()) {
    case proto::AttributeProto::FLOAT:
      return IsClose(attribute.f(), number);
    case proto::AttributeProto::INT:
      return static_cast<double>(attribute.i()) == number;
    case proto::AttributeProto::INTS:
      return attribute.ints_size() == 1 && static_cast<double>(attribute.ints(0)) == number;
    default:
      return false;
  }
}

bool HasAttributes(const proto::NodeProto& node, const Term& term) {
  const auto& have = node.attribute();
  return have.size() == static_cast<int>(term.attributes.size()) &&
         std::all_of(have.begin(), have.end(), [&](const proto::AttributeProto& a) {
           return std::any_of(term.attributes.begin(), term.attributes.end(), [&](const auto& wanted) {
             return a.name() == wanted.first && IsNumber(a, wanted.second);
           });
         });
}

// What the names of a term stand for in the graph.
using Bindings = std::map<std::string, std::string>;

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

  // Whether a node is the pattern for some values of its names, which are then bound.
  bool Matches(const Pattern& pattern, const proto::NodeProto& node, Bindings& bound) const {
    return node.output_size() == 1 && MatchesNode(pattern.term, node, bound) &&
           std::all_of(pattern.inputs.begin(), pattern.inputs.end(),
                       [&](const std::string& name) { return name == "x" || IsVector(bound.at(name)); });
  }

  // Absent where a name is not a constant of one number.
  std::optional<float> NumberOf(const std::string& name) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) return {};
    const auto& dims = found->second->dims();
    if (found->second->data_type() != proto::TensorProto::FLOAT ||
        std::any_of(dims.begin(), dims.end(), [](int64_t e) { return e != 1; }))
      return {};
    float value = 0;
    ReadFloats(ConstantFrom(*found->second, sources_), 0, 1, &value);
    return value;
  }

 private:
  // Whether `name` is the value of the term for some values of its names, which are then bound.
  bool MatchesTerm(const Term& term, const std::string& name, Bindings& bound) const {
    if (term.number) {
      const auto number = NumberOf(name);
      return number && IsClose(*number, *term.number);
    }
    if (!term.name.empty()) return bound.emplace(term.name, name).first->second == name;
    const auto giver = givers_.find(name);
    if (giver == givers_.end() || !MatchesNode(term, *giver->second, bound)) return false;
    return giver->second->output(0) == name;
  }

  bool MatchesNode(const Term& term, const proto::NodeProto& node, Bindings& bound) const {
    const bool same = node.op_type() == term.onnx && node.domain().empty() && HasAttributes(node, term) &&
                      node.input_size() == static_cast<int>(term.inputs.size());
    if (!same) return false;
    if (MatchesInputs(term, node, false, bound)) return true;
    return (term.onnx == "Add" || term.onnx == "Mul") && MatchesInputs(term, node, true, bound);
  }

  bool MatchesInputs(const Term& term, const proto::NodeProto& node, bool swapped, Bindings& bound) const {
    Bindings tried = bound;
    for (int i = 0; i < node.input_size(); i++) {
      const int other = swapped ? node.input_size() - 1 - i : i;
      if (!MatchesTerm(term.inputs[static_cast<std::size_t>(i)], node.input(other), tried)) return false;
    }
    bound = std::move(tried);
    return true;
  }

  // Of one axis: a single number is spread over x, which arithmetic does and LayerNormalization does not.
  bool IsVector(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found != tensors_.end() && found->second->dims_size() == 1 && found->second->dims(0) != 1;
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
      {"Gelu", "approximate", "none", ParseTerm("Mul(Mul(x, Add(Erf(Mul(x, 0.7071067811865476)), 1)), 0.5)")},
      {"Gelu", "approximate", "none", ParseTerm("Mul(x, Mul(Add(Erf(Mul(x, 0.7071067811865476)), 1), 0.5))")},
      {"Gelu", "approximate", "none", ParseTerm("Mul(Mul(x, 0.5), Add(Erf(Mul(x, 0.7071067811865476)), 1))")},
      {"Gelu", "approximate", "tanh",
       ParseTerm("Mul(0.5, Mul(x, Add(1, Tanh(Mul(0.7978845608028654, Add(x, Mul(0.044715, Mul(x, Mul(x, "
                 "x)))))))))")},
      {"HardSwish", "", "", ParseTerm("Mul(x, Div(Clip(Add(x, 3), 0, 6), 6))")},
      {"HardSwish", "", "", ParseTerm("Div(Mul(x, Clip(Add(x, 3), 0, 6)), 6)")},
      {"HardSwish", "", "", ParseTerm("Mul(x, Div(Clip[min=0, max=6](Add(x, 3)), 6))")},
      {"HardSwish", "", "", ParseTerm("Div(Mul(x, Clip[min=0, max=6](Add(x, 3))), 6)")},
      {"HardSwish", "", "", ParseTerm("Mul(x, HardSigmoid[alpha=0.16666667](x))")},
      {"HardSwish", "", "", ParseTerm("Mul(x, HardSigmoid[alpha=0.16666667, beta=0.5](x))")},
      // As it is written before opset 17.
      {"LayerNormalization",
       "epsilon",
       "",
       ParseTerm("Add(Mul(Div(Sub(x, ReduceMean[axes=-1](x)), Sqrt(Add(ReduceMean[axes=-1](Pow(Sub(x, "
                 "ReduceMean[axes=-1](x)), 2)), epsilon))), scale), shift)"),
       {"x", "scale", "shift"}},
      {"LogSigmoid", "", "", ParseTerm("Neg(Softplus(Neg(x)))")},
      {"LogSigmoid", "", "", ParseTerm("Log(Sigmoid(x))")},
      {"Mish", "", "", ParseTerm("Mul(x, Tanh(Softplus(x)))")},
      {"Swish", "", "", ParseTerm("Mul(x, Sigmoid(x))")},
  };
  return kPatterns;
}

namespace {

void SetAttribute(const Pattern& pattern, float number, proto::NodeProto& node) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(pattern.attribute);
  if (*pattern.text == '\0') {
    attribute.set_type(proto::AttributeProto::FLOAT);
    attribute.set_f(number);
  } else {
    attribute.set_type(proto::AttributeProto::STRING);
    attribute.set_s(pattern.text);
  }
}

}  // namespace

void Fuse(proto::GraphProto& graph, Sources& sources) {
  const Matcher matcher(graph, sources);
  struct Found {
    int node;
    const Pattern* pattern;
    Bindings bound;
    float number;
  };
  std::vector<Found> found;
  for (int i = 0; i < graph.node_size(); i++) {
    for (const Pattern& pattern : Patterns()) {
      Bindings bound;
      if (!matcher.Matches(pattern, graph.node(i), bound)) continue;
      const auto named = bound.find(pattern.attribute);
      const auto number = named == bound.end() ? 0.0f : matcher.NumberOf(named->second);
      if (!number) continue;
      found.push_back({i, &pattern, bound, *number});
      break;
    }
  }
  for (const Found& f : found) {
    proto::NodeProto& node = *graph.mutable_node(f.node);
    node.set_op_type(f.pattern->onnx);
    node.clear_input();
    for (const std::string& name : f.pattern->inputs) node.add_input(f.bound.at(name));
    node.clear_attribute();
    if (*f.pattern->attribute != '\0') SetAttribute(*f.pattern, f.number, node);
  }
}

}  // namespace fovea::onnx
