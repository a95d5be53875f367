#include "fovea/formats/onnx/matcher.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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

}  // namespace

Term ParseTerm(std::string_view text) { return TermParser(text).Parse(); }

Matcher::Matcher(const proto::GraphProto& graph, Sources& sources) : sources_(sources) {
  for (const auto& tensor : graph.initializer()) tensors_[tensor.name()] = &tensor;
  for (const auto& node : graph.node()) {
    for (const std::string& name : node.output()) givers_[name] = &node;
    if (node.op_type() != "Constant" || node.output_size() == 0) continue;
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == "value") tensors_[node.output(0)] = &attribute.t();
    }
  }
}

const proto::TensorProto* Matcher::OneOf(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return nullptr;
  const auto& dims = found->second->dims();
  const bool one = std::all_of(dims.begin(), dims.end(), [](int64_t e) { return e == 1; });
  return one ? found->second : nullptr;
}

std::optional<float> Matcher::NumberOf(const std::string& name) const {
  const proto::TensorProto* one = OneOf(name);
  if (one == nullptr || one->data_type() != proto::TensorProto::FLOAT) return {};
  float value = 0;
  ReadFloats(ConstantFrom(*one, sources_), 0, 1, &value);
  return value;
}

std::optional<int64_t> Matcher::IntegerOf(const std::string& name) const {
  const proto::TensorProto* one = OneOf(name);
  if (one == nullptr || one->data_type() != proto::TensorProto::INT64) return {};
  return ConstantFrom(*one, sources_).integers[0];
}

bool Matcher::IsVector(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found != tensors_.end() && found->second->dims_size() == 1 && found->second->dims(0) != 1;
}

bool Matcher::Matches(const Term& term, const std::string& name, Bindings& bound) const {
  if (term.number) {
    const auto number = NumberOf(name);
    return number && IsClose(*number, *term.number);
  }
  if (!term.name.empty()) return bound.emplace(term.name, name).first->second == name;
  const auto giver = givers_.find(name);
  if (giver == givers_.end() || !Matches(term, *giver->second, bound)) return false;
  return giver->second->output(0) == name;
}

bool Matcher::Matches(const Term& term, const proto::NodeProto& node, Bindings& bound) const {
  const bool same = node.op_type() == term.onnx && node.domain().empty() && HasAttributes(node, term) &&
                    node.input_size() == static_cast<int>(term.inputs.size());
  if (!same) return false;
  if (MatchesInputs(term, node, false, bound)) return true;
  return (term.onnx == "Add" || term.onnx == "Mul") && MatchesInputs(term, node, true, bound);
}

bool Matcher::MatchesInputs(const Term& term, const proto::NodeProto& node, bool swapped,
                            Bindings& bound) const {
  Bindings tried = bound;
  for (int i = 0; i < node.input_size(); i++) {
    const int other = swapped ? node.input_size() - 1 - i : i;
    if (!Matches(term.inputs[static_cast<std::size_t>(i)], node.input(other), tried)) return false;
  }
  bound = std::move(tried);
  return true;
}

}  // namespace fovea::onnx
