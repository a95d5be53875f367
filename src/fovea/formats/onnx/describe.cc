#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "fovea/formats/onnx/dialect.h"
#include "fovea/formats/onnx/fold.h"
#include "fovea/formats/onnx/onnx.h"
#include "fovea/formats/onnx/skeleton.h"

namespace fovea {
namespace onnx {
namespace {

std::string Values(const google::protobuf::RepeatedPtrField<proto::ValueInfoProto>& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) {
    std::vector<std::string> dims;
    for (const auto& dim : value.type().tensor_type().shape().dim())
      dims.push_back(dim.has_dim_value()       ? std::to_string(dim.dim_value())
                     : dim.dim_param().empty() ? "?"
                                               : dim.dim_param());
    texts.push_back(fmt::format("{} {}", value.name(), fmt::join(dims, "x")));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

int64_t WeightBytes(const proto::GraphProto& graph) {
  int64_t bytes = 0;
  for (const auto& tensor : graph.initializer()) bytes += PieceOf(tensor).bytes;
  return bytes;
}

bool IsKnown(const std::string& onnx) { return FindOperator(onnx) != nullptr || IsFolded(onnx); }

}  // namespace
}  // namespace onnx

std::string DescribeOnnx(const std::string& path) {
  const onnx::proto::ModelProto file = onnx::ReadSkeleton(*OpenFile(path));
  std::string text = fmt::format("format      ONNX, IR version {}\nproducer    {} {}\n", file.ir_version(),
                                 file.producer_name(), file.producer_version());
  for (const auto& set : file.opset_import())
    text +=
        fmt::format("opset       {} {}\n", set.domain().empty() ? "ai.onnx" : set.domain(), set.version());
  text += fmt::format("inputs      {}\noutputs     {}\n", onnx::Values(file.graph().input()),
                      onnx::Values(file.graph().output()));
  text += fmt::format("weights     {} tensors, {} bytes\n", file.graph().initializer_size(),
                      onnx::WeightBytes(file.graph()));
  std::map<std::string, int> counts;
  for (const auto& node : file.graph().node())
    counts[node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type()]++;
  text += fmt::format("nodes       {}\n", file.graph().node_size());
  for (const auto& [name, count] : counts)
    text += fmt::format("  {:<26} {:>6}{}\n", name, count, onnx::IsKnown(name) ? "" : "  not supported");
  for (const auto& entry : file.metadata_props())
    text += fmt::format("metadata    {}: {} bytes\n", entry.key(), entry.value().size());
  return text;
}

}  // namespace fovea
