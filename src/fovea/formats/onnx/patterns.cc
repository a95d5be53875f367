#include "fovea/formats/onnx/patterns.h"

#include <algorithm>

namespace fovea::onnx {

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
      // In PyTorch's Lp pooling.
      {"Identity", "", "", ParseTerm("Mul(Sign(x), Relu(Abs(x)))")},
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

// Whether a node is the pattern for some values of its names, which are then bound.
bool IsPattern(const Pattern& pattern, const Matcher& matcher, const proto::NodeProto& node,
               Bindings& bound) {
  return node.output_size() == 1 && matcher.Matches(pattern.term, node, bound) &&
         std::all_of(pattern.inputs.begin(), pattern.inputs.end(), [&](const std::string& name) {
           return name == "x" || matcher.IsVector(bound.at(name));
         });
}

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
      if (!IsPattern(pattern, matcher, graph.node(i), bound)) continue;
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
