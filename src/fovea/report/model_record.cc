#include "fovea/report/model_record.h"

#include <algorithm>
#include <filesystem>

#include "fovea/formats/model_file.h"
#include "fovea/report/image_uri.h"

namespace fovea {
namespace {

// The shape without the batch.
std::string Extents(const Shape& shape) { return Shape(shape.extents().subspan(1)).ToString(); }

void RecordFilters(const Network& network, ModelRecord& record) {
  const auto parameters = network.parameters();
  const auto first = std::find_if(parameters.begin(), parameters.end(),
                                  [](const NamedTensor& tensor) { return tensor.value.shape().rank() == 4; });
  if (first == parameters.end()) return;
  const Tensor<float>& weight = first->value;
  const int64_t size = weight.size() / weight.extent(0);
  record.first_layer = first->name;
  for (int64_t k = 0; k < weight.extent(0); ++k) {
    const auto filter =
        weight.values().subspan(static_cast<std::size_t>(k * size), static_cast<std::size_t>(size));
    record.filters.push_back(FilterImage(filter, weight.extent(1), weight.extent(2), weight.extent(3)));
  }
}

}  // namespace

ModelRecord RecordModel(const Model& model) {
  const Network& network = model.network;
  ModelRecord record;
  record.parameters = network.ParameterCount();
  record.multiply_adds = network.MultiplyAdds();
  record.input = Extents(network.InputShape(1));
  for (const Node& node : network.nodes()) {
    record.layers.push_back(
        {node.name, std::string(node.layer->Type()), Extents(node.shape), network.ParameterCount(node)});
  }
  RecordFilters(network, record);
  return record;
}

std::optional<ModelRecord> ReadModelRecord(const std::string& run_folder) {
  for (const char* name : {"best.safetensors", "last.safetensors"}) {
    const auto path = std::filesystem::path(run_folder) / name;
    std::error_code error;
    if (std::filesystem::exists(path, error)) return RecordModel(LoadModel(path.string()));
  }
  return std::nullopt;
}

}  // namespace fovea
