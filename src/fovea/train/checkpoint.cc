#include "fovea/train/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/formats/model_file.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

}  // namespace

void SaveCheckpoint(const std::string& path, const Model& model, const NamedTensors& updater,
                    const Position& p) {
  TensorFile file = ModelToFile(model);
  file.tensors.insert(updater.begin(), updater.end());
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

Checkpoint LoadCheckpoint(const std::string& path) {
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
  Position p;
  try {
    const Json json = Json::parse(position->second);
    p = {json.at("epoch"),   json.at("batch"),  json.at("step"),         json.at("loss_sum"),
         json.at("correct"), json.at("images"), json.at("best_accuracy")};
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: position: {}", path, error.what()));
  }
  NamedTensors updater;
  for (const auto& [name, tensor] : file.tensors) {
    if (name.find('/') != std::string::npos) updater.emplace(name, tensor);
  }
  return {std::move(model), std::move(updater), p};
}

}  // namespace fovea
