#include "onnx_mutator.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace fovea {

using onnx::proto::AttributeProto;
using onnx::proto::GraphProto;
using onnx::proto::ModelProto;
using onnx::proto::NodeProto;
using onnx::proto::TensorProto;

namespace {

constexpr const char* kOperators[] = {"Abs",
                                      "Add",
                                      "AveragePool",
                                      "BatchNormalization",
                                      "Cast",
                                      "Celu",
                                      "Clip",
                                      "Concat",
                                      "Constant",
                                      "ConstantOfShape",
                                      "Conv",
                                      "ConvTranspose",
                                      "DepthToSpace",
                                      "Div",
                                      "Dropout",
                                      "Elu",
                                      "Erf",
                                      "Exp",
                                      "Flatten",
                                      "Floor",
                                      "Gather",
                                      "Gelu",
                                      "Gemm",
                                      "GlobalAveragePool",
                                      "GlobalLpPool",
                                      "GlobalMaxPool",
                                      "GroupNormalization",
                                      "HardSigmoid",
                                      "HardSwish",
                                      "Identity",
                                      "InstanceNormalization",
                                      "LRN",
                                      "LayerNormalization",
                                      "LeakyRelu",
                                      "Log",
                                      "LogSoftmax",
                                      "LpPool",
                                      "MatMul",
                                      "Max",
                                      "MaxPool",
                                      "Min",
                                      "Mish",
                                      "Mul",
                                      "Neg",
                                      "PRelu",
                                      "Pad",
                                      "Pow",
                                      "Reciprocal",
                                      "ReduceL1",
                                      "ReduceL2",
                                      "ReduceLogSumExp",
                                      "ReduceMax",
                                      "ReduceMean",
                                      "ReduceMin",
                                      "ReduceSum",
                                      "Relu",
                                      "Reshape",
                                      "Resize",
                                      "Selu",
                                      "Shape",
                                      "Sigmoid",
                                      "Slice",
                                      "Softmax",
                                      "Softplus",
                                      "Softsign",
                                      "SpaceToDepth",
                                      "Split",
                                      "Sqrt",
                                      "Squeeze",
                                      "Sub",
                                      "Sum",
                                      "Tanh",
                                      "Transpose",
                                      "Unsqueeze",
                                      "Upsample"};
constexpr const char* kWords[] = {"NOTSET",     "VALID",      "SAME_UPPER",
                                  "SAME_LOWER", "reflect",    "edge",
                                  "constant",   "DCR",        "CRD",
                                  "nearest",    "linear",     "cubic",
                                  "asymmetric", "half_pixel", "align_corners",
                                  "floor",      "ceil",       "round_prefer_floor",
                                  "tanh",       "none",       ""};
constexpr int64_t kIntegers[] = {0,
                                 1,
                                 2,
                                 3,
                                 4,
                                 -1,
                                 -2,
                                 -3,
                                 5,
                                 8,
                                 16,
                                 63,
                                 1 << 20,
                                 int64_t{1} << 31,
                                 int64_t{1} << 40,
                                 int64_t{1} << 62,
                                 std::numeric_limits<int64_t>::max(),
                                 std::numeric_limits<int64_t>::min()};
constexpr int kTypes[] = {TensorProto::FLOAT, TensorProto::INT64,   TensorProto::INT32, TensorProto::DOUBLE,
                          TensorProto::BOOL,  TensorProto::FLOAT16, TensorProto::UINT8};

std::size_t Width(int type) {
  switch (type) {
    case TensorProto::INT64:
    case TensorProto::DOUBLE:
      return 8;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
      return 4;
    case TensorProto::FLOAT16:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

// Small numbers mostly, which more often make sense together.
int64_t OnnxMutator::Integer() { return kIntegers[Below(Below(4) > 0 ? 8 : std::size(kIntegers))]; }

float OnnxMutator::Number() {
  switch (Below(8)) {
    case 0:
      return std::numeric_limits<float>::quiet_NaN();
    case 1:
      return std::numeric_limits<float>::infinity();
    case 2:
      return -1e30f;
    default:
      return static_cast<float>(Integer());
  }
}

std::string OnnxMutator::Value(const GraphProto& graph) {
  std::vector<std::string> names{"", "nothing"};
  for (const auto& input : graph.input()) names.push_back(input.name());
  for (const auto& weights : graph.initializer()) names.push_back(weights.name());
  for (const NodeProto& node : graph.node())
    names.insert(names.end(), node.output().begin(), node.output().end());
  return names[Below(names.size())];
}

void OnnxMutator::Mutate(ModelProto& model) {
  GraphProto& graph = *model.mutable_graph();
  switch (Below(10)) {
    case 0:
      if (model.opset_import_size() > 0)
        model.mutable_opset_import(0)->set_version(static_cast<int64_t>(5 + Below(17)));
      break;
    case 1:
      if (graph.input_size() > 0) MutateInput(Any(*graph.mutable_input()));
      break;
    case 2:
    case 3:
    case 4:
      if (graph.initializer_size() > 0) MutateWeights(Any(*graph.mutable_initializer()));
      break;
    case 5:
      MoveNode(graph);
      break;
    default:
      if (graph.node_size() > 0) MutateNode(graph);
  }
}

void OnnxMutator::MutateNode(GraphProto& graph) {
  NodeProto& node = Any(*graph.mutable_node());
  switch (Below(7)) {
    case 0:
      node.set_op_type(kOperators[Below(std::size(kOperators))]);
      break;
    case 1:
      if (node.input_size() > 0) Any(*node.mutable_input()) = Value(graph);
      break;
    case 2:
      node.add_input(Value(graph));
      break;
    case 3:
      if (node.input_size() > 0) node.mutable_input()->RemoveLast();
      break;
    case 4:
      AddAttribute(node, graph);
      break;
    default:
      if (node.attribute_size() > 0) MutateAttribute(node);
  }
}

void OnnxMutator::MutateAttribute(NodeProto& node) {
  AttributeProto& attribute = Any(*node.mutable_attribute());
  if (Below(16) == 0) {
    attribute.set_type(AttributeProto::INT);
  } else if (Below(16) == 0) {
    std::swap(attribute, *node.mutable_attribute(node.attribute_size() - 1));
    node.mutable_attribute()->RemoveLast();
    return;
  }
  switch (attribute.type()) {
    case AttributeProto::INT:
      attribute.set_i(Integer());
      break;
    case AttributeProto::FLOAT:
      attribute.set_f(Number());
      break;
    case AttributeProto::STRING:
      attribute.set_s(kWords[Below(std::size(kWords))]);
      break;
    case AttributeProto::TENSOR:
      MutateWeights(*attribute.mutable_t());
      break;
    case AttributeProto::INTS:
      if (attribute.ints_size() > 0 && Below(3) > 0) {
        Any(*attribute.mutable_ints()) = Integer();
      } else if (Below(2) == 0 && attribute.ints_size() > 0) {
        attribute.mutable_ints()->RemoveLast();
      } else {
        attribute.add_ints(Integer());
      }
      break;
    default:
      if (attribute.floats_size() > 0) Any(*attribute.mutable_floats()) = Number();
  }
}

// One that some node of the graph has.
void OnnxMutator::AddAttribute(NodeProto& node, const GraphProto& graph) {
  const NodeProto& other = graph.node(static_cast<int>(Below(static_cast<std::size_t>(graph.node_size()))));
  if (other.attribute_size() == 0) return;
  const AttributeProto attribute =
      other.attribute(static_cast<int>(Below(static_cast<std::size_t>(other.attribute_size()))));
  *node.add_attribute() = attribute;
}

void OnnxMutator::MutateWeights(TensorProto& tensor) {
  switch (Below(4)) {
    case 0:
      Reshape(tensor);
      break;
    case 1:
      tensor.set_data_type(kTypes[Below(std::size(kTypes))]);
      Reshape(tensor);
      break;
    case 2:
      if (tensor.dims_size() > 0) Any(*tensor.mutable_dims()) = Integer();
      break;
    default:
      if (tensor.raw_data().size() >= 8 && tensor.data_type() == TensorProto::INT64) {
        const int64_t value = Integer();
        const std::size_t at = Below(tensor.raw_data().size() / 8) * 8;
        tensor.mutable_raw_data()->replace(at, 8, reinterpret_cast<const char*>(&value), 8);
      } else if (tensor.int64_data_size() > 0) {
        Any(*tensor.mutable_int64_data()) = Integer();
      } else if (tensor.float_data_size() > 0) {
        Any(*tensor.mutable_float_data()) = Number();
      }
  }
}

// Another shape, with as many numbers as it needs: they are small, whatever the type.
void OnnxMutator::Reshape(TensorProto& tensor) {
  tensor.clear_dims();
  std::size_t numbers = 1;
  for (std::size_t rank = Below(5); rank > 0; rank--) {
    const std::size_t extent = Below(16) == 0 ? 0 : 1 + Below(5);
    tensor.add_dims(Below(64) == 0 ? Integer() : static_cast<int64_t>(extent));
    numbers *= extent;
  }
  tensor.clear_float_data(), tensor.clear_int64_data(), tensor.clear_int32_data(), tensor.clear_double_data();
  std::string bytes(numbers * Width(tensor.data_type()), '\0');
  for (std::size_t i = 0; i < numbers; i++) {
    const auto value = static_cast<int64_t>(Below(5)) - 1;
    const float number = static_cast<float>(value);
    const std::size_t width = Width(tensor.data_type());
    const void* from = tensor.data_type() == TensorProto::FLOAT ? static_cast<const void*>(&number) : &value;
    std::copy_n(static_cast<const char*>(from), width, bytes.data() + i * width);
  }
  tensor.set_raw_data(bytes);
}

void OnnxMutator::MutateInput(onnx::proto::ValueInfoProto& input) {
  auto& shape = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
  if (shape.dim_size() > 0 && Below(2) == 0) {
    shape.mutable_dim(static_cast<int>(Below(static_cast<std::size_t>(shape.dim_size()))))
        ->set_dim_value(Integer());
  } else if (shape.dim_size() > 1 && Below(2) == 0) {
    shape.mutable_dim()->RemoveLast();
  } else {
    shape.add_dim()->set_dim_value(Integer());
  }
}

void OnnxMutator::MoveNode(GraphProto& graph) {
  if (graph.node_size() == 0) return;
  const NodeProto node = Any(*graph.mutable_node());
  switch (Below(3)) {
    case 0:
      Any(*graph.mutable_node()).Swap(graph.mutable_node(graph.node_size() - 1));
      break;
    case 1:
      if (graph.node_size() > 1) graph.mutable_node()->RemoveLast();
      break;
    default: {  // again, behind the end of the graph
      if (graph.output_size() == 0 || node.input_size() == 0 || node.output_size() == 0) return;
      NodeProto& copy = *graph.add_node();
      copy = node;
      copy.set_input(0, graph.output(0).name());
      copy.set_output(0, graph.output(0).name() + "_");
      graph.mutable_output(0)->set_name(copy.output(0));
    }
  }
}

void OnnxMutator::Join(ModelProto& model, const ModelProto& other) {
  GraphProto& graph = *model.mutable_graph();
  if (graph.output_size() == 0 || other.graph().output_size() == 0 || other.graph().input_size() == 0) return;
  const std::string first = other.graph().input(0).name(), end = graph.output(0).name();
  const auto renamed = [&](const std::string& name) {
    return name.empty() ? name : name == first ? end : "b" + name;
  };
  for (TensorProto weights : other.graph().initializer()) {
    weights.set_name(renamed(weights.name()));
    *graph.add_initializer() = weights;
  }
  for (NodeProto node : other.graph().node()) {
    node.set_name(renamed(node.name()));
    for (std::string& name : *node.mutable_input()) name = renamed(name);
    for (std::string& name : *node.mutable_output()) name = renamed(name);
    *graph.add_node() = node;
  }
  graph.mutable_output(0)->set_name(renamed(other.graph().output(0).name()));
}

}  // namespace fovea
