#include "fovea/train/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/formats/model_file.h"

namespace fovea {
namespace {

using Json = nlohmann::json;
constexpr const char* kVelocity = "optimizer.velocity.";

}  // namespace

void SaveCheckpoint(const std::string& path, const Model& model, const std::vector<Tensor<float>>& velocities,
                    const Position& p) {
  TensorFile file = ModelToFile(model);
  for (std::size_t i = 0; i < velocities.size(); i++) {
    file.tensors.emplace(kVelocity + model.network.parameters()[i].name, velocities[i]);
  }
  file.metadata["fovea.position"] = Json{
      {"epoch", p.epoch},
      {"batch", p.batch},
      {"step", p.step},
      {"loss_sum", p.loss_sum},
      {"correct", p.correct},
      {"images", p.images},
      {"best_accuracy",
       p.best_accuracy}}.dump();
  WriteTensorFile(path, file);
}

Model LoadCheckpoint(const std::string& path, std::vector<Tensor<float>>& velocities, Position& p) {
  const TensorFile file = ReadTensorFile(path);
  Model model = ModelFromFile(path, file);
  if (model.conventions.micro_shard != kMicroShard) {
    throw FormatError(
        fmt::format("{}: it summed batches in shards of {} images and this version in shards of {}, so the "
                    "run cannot go on with the same bits; start a new run, or use the version that wrote it",
                    path, model.conventions.micro_shard, kMicroShard));
  }
  const auto position = file.metadata.find("fovea.position");
  if (position == file.metadata.end()) {
    throw FormatError(fmt::format("{}: a model, but not a checkpoint: it has no position", path));
  }
  try {
    const Json json = Json::parse(position->second);
    p = {json.at("epoch"),   json.at("batch"),  json.at("step"),         json.at("loss_sum"),
         json.at("correct"), json.at("images"), json.at("best_accuracy")};
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: position: {}", path, error.what()));
  }
  velocities.clear();
  for (const auto& parameter : model.network.parameters()) {
    const auto found = file.tensors.find(kVelocity + parameter.name);
    if (found == file.tensors.end() || found->second.shape() != parameter.value.shape()) {
      throw FormatError(
          fmt::format("{}: the velocity of {} is missing or of another shape", path, parameter.name));
    }
    velocities.push_back(found->second);
  }
  return model;
}

}  // namespace fovea
