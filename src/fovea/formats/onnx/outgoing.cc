#include "fovea/formats/onnx/outgoing.h"

#include <fmt/format.h>

#include "fovea/formats/onnx/forms.h"
#include "fovea/formats/onnx/operators.h"
#include "fovea/formats/onnx/patterns.h"

namespace fovea::onnx {
namespace {

std::string WriteTerm(Outgoing& out, const Term& term, const std::string& x) {
  if (term.number) return out.AddNumber(fmt::format("{}", *term.number), *term.number);
  if (term.onnx.empty()) return x;
  std::vector<std::string> inputs;
  for (const Term& input : term.inputs) inputs.push_back(WriteTerm(out, input, x));
  return out.AddInnerNode(term.onnx, inputs);
}

// The first pattern for the operator is the one that is written.
void WritePattern(Outgoing& out, const std::string& onnx, const std::string& text) {
  for (const Pattern& pattern : Patterns()) {
    if (pattern.onnx != onnx || pattern.text != text) continue;
    std::vector<std::string> inputs;
    for (const Term& input : pattern.term.inputs) inputs.push_back(WriteTerm(out, input, out.Inputs()[0]));
    out.AddNode(pattern.term.onnx, inputs);
    return;
  }
}

}  // namespace

Outgoing::Outgoing(const Network& network, int number, const Operator& row, int64_t& room,
                   proto::GraphProto& graph)
    : network_(network),
      node_(network.nodes()[static_cast<std::size_t>(number)]),
      row_(row),
      room_(room),
      graph_(graph),
      hypers_(node_.layer->HyperParameters()) {}

std::string ValueName(const Network& network, int value) {
  if (value == 0) return "input";
  if (value == network.ValueCount() - 1) return "output";
  // No layer's name has a colon: a value is never called as a weight.
  return network.nodes()[static_cast<std::size_t>(value - 1)].name + ":y";
}

const HyperValue& Outgoing::hyper(const std::string& name) const {
  for (const Hyper& h : hypers_) {
    if (h.name == name) return h.value;
  }
  throw ArgumentError(fmt::format("layer {}: no hyper-parameter {}", node_.name, name));
}

void Outgoing::Set(const std::string& name, HyperValue value) {
  for (Hyper& h : hypers_) {
    if (h.name == name) h.value = std::move(value);
  }
}

std::vector<std::string> Outgoing::Inputs() const {
  std::vector<std::string> names;
  for (const int value : node_.inputs) names.push_back(ValueName(network_, value));
  return names;
}

proto::NodeProto& Outgoing::AddNode(const std::string& onnx, const std::vector<std::string>& inputs) {
  proto::NodeProto& node = *graph_.add_node();
  node.set_op_type(onnx);
  node.set_name(node_.name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(ValueName(network_, static_cast<int>(&node_ - network_.nodes().data()) + 1));
  return node;
}

std::string Outgoing::AddInnerNode(const std::string& onnx, const std::vector<std::string>& inputs) {
  return AddInnerNodeOf(onnx, inputs).output(0);
}

proto::NodeProto& Outgoing::AddInnerNodeOf(const std::string& onnx, const std::vector<std::string>& inputs) {
  proto::NodeProto& node = *graph_.add_node();
  node.set_op_type(onnx);
  node.set_name(fmt::format("{}:{}", node_.name, ++inner_));
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(node.name());
  return node;
}

std::string Outgoing::AddNumber(const std::string& name, double value) {
  proto::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(fmt::format("{}:{}:{}", node_.name, name, ++inner_));
  tensor.set_data_type(proto::TensorProto::FLOAT);
  tensor.add_float_data(static_cast<float>(value));
  return tensor.name();
}

std::string Outgoing::AddFloats(const std::string& name, const std::vector<float>& values) {
  proto::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(fmt::format("{}:{}:{}", node_.name, name, ++inner_));
  tensor.set_data_type(proto::TensorProto::FLOAT);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  for (const float v : values) tensor.add_float_data(v);
  return tensor.name();
}

std::string Outgoing::AddFilled(const std::string& name, int64_t count, float value) {
  if (count > room_) throw ArgumentError(fmt::format("layer {}: it needs {} constants", node_.name, count));
  room_ -= count;
  return AddFloats(name, std::vector<float>(static_cast<std::size_t>(count), value));
}

std::string Outgoing::AddIntegers(const std::string& name, const std::vector<int64_t>& values) {
  proto::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(fmt::format("{}:{}:{}", node_.name, name, ++inner_));
  tensor.set_data_type(proto::TensorProto::INT64);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  for (const int64_t v : values) tensor.add_int64_data(v);
  return tensor.name();
}

std::string Outgoing::AddTensor(const NamedTensor& named, int ones) {
  proto::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(named.name);
  tensor.set_data_type(proto::TensorProto::FLOAT);
  for (const int64_t extent : named.value.shape().extents()) tensor.add_dims(extent);
  for (int i = 0; i < ones; i++) tensor.add_dims(1);
  return tensor.name();
}

const NamedTensor* Outgoing::FindTensor(const std::string& name) const {
  const std::string full = node_.name + "." + name;
  for (const auto& t : network_.parameters().subspan(static_cast<std::size_t>(node_.first_parameter),
                                                     static_cast<std::size_t>(node_.parameters))) {
    if (t.name == full) return &t;
  }
  for (const auto& t : network_.states().subspan(static_cast<std::size_t>(node_.first_state),
                                                 static_cast<std::size_t>(node_.states))) {
    if (t.name == full) return &t;
  }
  return nullptr;
}

void WriteAttributes(const Outgoing& out, proto::NodeProto& node) {
  for (const AttributeRow& attribute : out.row().attributes)
    ToAttribute(attribute, out.hyper(attribute.hyper), node);
}

void WriteByRow(Outgoing& out) {
  std::vector<std::string> inputs = out.Inputs();
  for (const char* name : out.row().tensors) {
    if (const NamedTensor* tensor = out.FindTensor(name)) inputs.push_back(out.AddTensor(*tensor));
  }
  proto::NodeProto& node = out.AddNode(out.row().onnx, inputs);
  WriteAttributes(out, node);
  for (const FixedRow& fixed : out.row().fixed) {
    if (fixed.value != fixed.otherwise) SetInteger(fixed.onnx, fixed.value, node);
  }
}

void WriteDropout(Outgoing& out) {
  out.AddNode("Dropout", {out.Inputs()[0], out.AddNumber("ratio", std::get<double>(out.hyper("rate")))});
}

void WriteGelu(Outgoing& out) { WritePattern(out, "Gelu", std::get<std::string>(out.hyper("approximate"))); }

void WriteLogSigmoid(Outgoing& out) { WritePattern(out, "LogSigmoid", ""); }
void WriteMish(Outgoing& out) { WritePattern(out, "Mish", ""); }
void WriteSilu(Outgoing& out) { WritePattern(out, "Swish", ""); }

void WriteRelu6(Outgoing& out) {
  out.AddNode("Clip", {out.Inputs()[0], out.AddNumber("min", 0), out.AddNumber("max", 6)});
}

}  // namespace fovea::onnx
