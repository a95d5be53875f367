#include "fovea/formats/onnx/incoming.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fovea/formats/onnx/forms.h"
#include "fovea/layers/registry.h"

namespace fovea::onnx {
namespace {

std::vector<int64_t> WithoutOnes(std::span<const int64_t> extents) {
  std::vector<int64_t> rest;
  std::copy_if(extents.begin(), extents.end(), std::back_inserter(rest), [](int64_t e) { return e != 1; });
  return rest;
}

// A bias may be [K] or [1,K]; the weights of a convolution of one dimension lack the axis of height 1.
void CheckWeight(const Weight& weight, const Shape& shape) {
  if (weight.from->kind != Constant::Kind::kFloat)
    throw FormatError(fmt::format("its {} holds integers", weight.name));
  std::vector<int64_t> have = weight.from->dims;
  if (weight.transposed) std::reverse(have.begin(), have.end());
  if (WithoutOnes(have) != WithoutOnes(shape.extents())) {
    throw FormatError(
        fmt::format("its {} is {}, it needs {}", weight.name, fmt::join(have, "x"), shape.ToString()));
  }
}

}  // namespace

const Operand* Incoming::Find(int input) const {
  if (!Has(input)) throw FormatError(fmt::format("input {} is missing", input));
  const auto found = reading_.operands.find(node_.input(input));
  if (found == reading_.operands.end())
    throw FormatError(fmt::format("it reads \"{}\", which nothing before it gives", node_.input(input)));
  return &found->second;
}

bool Incoming::Has(int input) const { return input < node_.input_size() && !node_.input(input).empty(); }

bool Incoming::IsConstant(int input) const { return Has(input) && Find(input)->constant != nullptr; }

Value Incoming::value(int input) const {
  const Operand* operand = Find(input);
  if (operand->constant) Refuse(fmt::format("input {} is a constant", input));
  return operand->value;
}

Value Incoming::map(int input) {
  const Value x = value(input);
  return x.rank == 3 ? Reshaped(*this, x, Dims(x)) : x;
}

const Constant& Incoming::constant(int input) const {
  const Operand* operand = Find(input);
  if (!operand->constant)
    Refuse(fmt::format("input {} is computed from the image; it must be constant", input));
  return *operand->constant;
}

Constant Incoming::Held(int input) const {
  reading_.budget.Take(constant(input).Bytes() / 4);  // what one node needs is free behind it
  return onnx::Held(constant(input));
}

std::optional<std::vector<int64_t>> Incoming::IntegersFrom(const char* attribute, int input) const {
  if (auto found = attributes_.Integers(attribute)) return found;
  if (!Has(input)) return std::nullopt;
  const Constant& c = constant(input);
  if (c.kind != Constant::Kind::kInteger || c.HasBatch())
    Refuse(fmt::format("input {} is not a list of integers", input));
  return Held(input).integers;
}

bool Incoming::IsLine(Value value) const {
  return value.rank == 3 && reading_.network.ShapeOf(value.number, 1).rank() == 4;
}

std::vector<int64_t> Incoming::Dims(Value value) const {
  const Shape shape = reading_.network.ShapeOf(value.number, 1);
  std::vector<int64_t> dims(shape.extents().begin(), shape.extents().end());
  if (IsLine(value)) dims.erase(dims.begin() + 2);
  return dims;
}

bool Incoming::IsRead(int output) const {
  if (output >= node_.output_size() || node_.output(output).empty()) return false;
  return reading_.readers.contains(node_.output(output)) || reading_.output == node_.output(output);
}

const proto::NodeProto* Incoming::OnlyReaderOf(const proto::NodeProto& node) const {
  const auto found = reading_.readers.find(node.output(0));
  const bool one =
      found != reading_.readers.end() && found->second.size() == 1 && reading_.output != node.output(0);
  return one && found->second.front()->output_size() > 0 ? found->second.front() : nullptr;
}

const Constant* Incoming::FindConstant(const std::string& name) const {
  const auto found = reading_.operands.find(name);
  return found == reading_.operands.end() ? nullptr : found->second.constant.get();
}

int64_t Incoming::NetworkAxis(Value value, int64_t axis) const {
  const int64_t from_front = axis < 0 ? axis + value.rank : axis;
  if (from_front < 0 || from_front >= value.rank)
    throw FormatError(fmt::format("axis {} of {} axes", axis, value.rank));
  if (from_front == 0) Refuse("it works along the batch");
  return IsLine(value) && from_front == 2 ? 3 : from_front;
}

HyperList Incoming::Hypers() const {
  HyperList list;
  for (const AttributeRow& attribute : row_.attributes)
    list.push_back({attribute.hyper, FromAttribute(attribute, attributes_)});
  for (Hyper& h : list) {
    if (h.name == "padding" && attributes_.Text("auto_pad", "") == "VALID")
      h.value = std::vector<int64_t>{0, 0, 0, 0};
  }
  for (const FixedRow& fixed : row_.fixed) {
    const int64_t value = attributes_.Integer(fixed.onnx, fixed.otherwise);
    if (value != fixed.value)
      Refuse(fmt::format("{}={}; only {} is supported", fixed.onnx, value, fixed.value));
  }
  return list;
}

Value Incoming::Add(std::string_view type, HyperList hypers, const std::vector<Value>& inputs,
                    const std::vector<Weight>& weights) {
  std::string weight;
  if (!weights.empty()) {
    for (int i = 0; i < Count() && weight.empty(); i++) weight = IsConstant(i) ? node_.input(i) : "";
  }
  const std::string name = reading_.names.Take(weight, node_.name(), node_.op_type());
  const auto layer = MakeLayer(type, hypers);
  std::vector<int> numbers;
  std::vector<Shape> shapes;
  for (const Value& input : inputs) {
    numbers.push_back(input.number);
    shapes.push_back(reading_.network.ShapeOf(input.number, 1));
  }
  layer->OutputShape(shapes);
  // Before the network makes room for them: what they need must be in the file.
  for (const auto& specs : {layer->Parameters(shapes), layer->State(shapes)}) {
    for (const ParameterSpec& spec : specs) {
      const auto found =
          std::find_if(weights.begin(), weights.end(), [&](const Weight& w) { return w.name == spec.name; });
      if (found == weights.end()) throw FormatError(fmt::format("it lacks its {}", spec.name));
      CheckWeight(*found, spec.shape);
      reading_.budget.Take(spec.shape.Size() * 4);
    }
  }
  const int number = reading_.network.Add(name, layer, numbers);
  for (const Weight& w : weights) Fill(reading_.network.nodes().back(), w);
  const int rank = reading_.network.ShapeOf(number, 1).rank();
  return {number, rank == 4 && IsLine(inputs[0]) ? 3 : rank};
}

void Incoming::Fill(const Node& node, const Weight& weight) {
  Network& network = reading_.network;
  TensorView<float> to;
  const std::string name = node.name + "." + weight.name;
  for (int i = node.first_parameter; i < node.first_parameter + node.parameters; i++) {
    if (network.parameters()[static_cast<std::size_t>(i)].name == name) to = network.MutableParameter(i);
  }
  for (int i = node.first_state; i < node.first_state + node.states; i++) {
    if (network.states()[static_cast<std::size_t>(i)].name == name) to = network.MutableState(i);
  }
  if (!to.present()) return;
  if (weight.transposed != weight.from->turned) {
    ReadTransposed(*weight.from, to.data());
  } else {
    ReadFloats(*weight.from, 0, to.size(), to.data());
  }
  if (weight.scale != 1) {
    for (float& v : to.values()) v *= weight.scale;
  }
}

void Incoming::Give(Constant constant, int output) {
  reading_.operands[node_.output(output)] = {std::make_shared<const Constant>(std::move(constant))};
}

void ReadByRow(Incoming& in) {
  HyperList hypers = in.Hypers();
  const int tensors = static_cast<int>(in.row().tensors.size());
  std::vector<Value> inputs;
  for (int i = 0; i < in.Count() - tensors || i == 0; i++)
    inputs.push_back(tensors > 0 ? in.map(i) : in.value(i));
  std::vector<Weight> weights;
  weights.reserve(in.row().tensors.size());
  for (int i = 0; i < tensors; i++) {
    weights.push_back(
        {in.row().tensors[static_cast<std::size_t>(i)], &in.constant(static_cast<int>(inputs.size()) + i)});
  }
  in.Give(in.Add(in.row().layer, std::move(hypers), inputs, weights));
}

}  // namespace fovea::onnx
