#include <fmt/format.h>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/formats/model_file.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/onnx/outgoing.h"

namespace fovea {
namespace onnx {
namespace {

constexpr int64_t kIrVersion = 8, kOpset = 17;

void Describe(const std::string& name, const Shape& shape, proto::ValueInfoProto& value) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(proto::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  for (const int64_t extent : shape.extents().subspan(1))
    type.mutable_shape()->add_dim()->set_dim_value(extent);
}

proto::ModelProto ToProto(const Model& model) {
  const Network& network = model.network;
  if (network.nodes().empty()) throw ArgumentError("a network without layers has no ONNX file");
  proto::ModelProto file;
  file.set_ir_version(kIrVersion);
  file.set_producer_name("fovea");
  file.add_opset_import()->set_version(kOpset);
  for (const auto& [key, value] : MetadataOf(model)) {
    auto& entry = *file.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
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
    Outgoing out(network, i, *row, graph);
    row->write == nullptr ? WriteByRow(out) : row->write(out);
  }
  return file;
}

}  // namespace
}  // namespace onnx

std::string SerialiseOnnx(const Model& model) {
  std::string bytes;
  if (!onnx::ToProto(model).SerializeToString(&bytes))
    throw ArgumentError("the model is larger than the 2 GiB of an ONNX file");
  return bytes;
}

void SaveOnnx(const std::string& path, const Model& model) { WriteFileAtomic(path, SerialiseOnnx(model)); }

}  // namespace fovea
