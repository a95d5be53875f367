#include <fmt/format.h>

#include <map>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/onnx/outgoing.h"

namespace fovea {
namespace onnx {
namespace {

constexpr int64_t kIrVersion = 8, kOpset = 17;
constexpr int64_t kMostFilled = int64_t{1} << 29;  // floats in the 2 GiB of a file

void Describe(const std::string& name, const Shape& shape, proto::ValueInfoProto& value) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(proto::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  for (const int64_t extent : shape.extents().subspan(1))
    type.mutable_shape()->add_dim()->set_dim_value(extent);
}

void FillWeights(std::span<const NamedTensor> from, proto::GraphProto& graph) {
  std::map<std::string, const NamedTensor*> named;
  for (const NamedTensor& tensor : from) named[tensor.name] = &tensor;
  for (proto::TensorProto& tensor : *graph.mutable_initializer()) {
    const auto found = named.find(tensor.name());
    if (found == named.end()) continue;
    const Tensor<float>& values = found->second->value;
    tensor.set_raw_data(values.data(), static_cast<std::size_t>(values.size()) * sizeof(float));
  }
}

proto::ModelProto ToProto(const Model& model) {
  proto::ModelProto file = FrameToProto(model.network, kMostFilled);
  FillWeights(model.network.parameters(), *file.mutable_graph());
  FillWeights(model.network.states(), *file.mutable_graph());
  for (const auto& [key, value] : MetadataOf(model)) {
    auto& entry = *file.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  return file;
}

}  // namespace

proto::ModelProto FrameToProto(const Network& network, int64_t room) {
  if (network.nodes().empty()) throw ArgumentError("a network without layers has no ONNX file");
  proto::ModelProto file;
  file.set_ir_version(kIrVersion);
  file.set_producer_name("fovea");
  file.add_opset_import()->set_version(kOpset);
  proto::GraphProto& graph = *file.mutable_graph();
  graph.set_name("fovea");
  const int last = network.ValueCount() - 1;
  Describe(ValueName(network, 0), network.InputShape(1), *graph.add_input());
  Describe(ValueName(network, last), network.OutputShape(1), *graph.add_output());
  for (int i = 0; i < last; i++) {
    const Node& node = network.nodes()[static_cast<std::size_t>(i)];
    const Operator* row = FindOperatorOfLayer(node.layer->Type());
    if (row == nullptr)
      throw ArgumentError(
          fmt::format("layer {}: ONNX has no operator for {}", node.name, ToString(*node.layer)));
    Outgoing out(network, i, *row, room, graph);
    row->write == nullptr ? WriteByRow(out) : row->write(out);
  }
  return file;
}

}  // namespace onnx

std::string SerialiseOnnx(const Model& model) {
  std::string bytes;
  if (!onnx::ToProto(model).SerializeToString(&bytes))
    throw ArgumentError("the model is larger than the 2 GiB of an ONNX file");
  return bytes;
}

void SaveOnnx(const std::string& path, const Model& model) { WriteFileAtomic(path, SerialiseOnnx(model)); }

}  // namespace fovea
