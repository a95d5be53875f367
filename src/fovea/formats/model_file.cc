#include "fovea/formats/model_file.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/formats/network_json.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

const std::string& Metadata(const std::string& path, const TensorFile& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    throw FormatError(fmt::format("{}: not a Fovea model: its metadata has no \"{}\"", path, key));
  }
  return found->second;
}

void Load(const std::string& path, const TensorFile& file, const NamedTensor& wanted, TensorView<float> to) {
  const auto found = file.tensors.find(wanted.name);
  if (found == file.tensors.end())
    throw FormatError(fmt::format("{}: tensor \"{}\" is missing", path, wanted.name));
  if (found->second.shape() != to.shape()) {
    throw FormatError(fmt::format("{}: tensor \"{}\" is {}, the network needs {}", path, wanted.name,
                                  found->second.shape().ToString(), to.shape().ToString()));
  }
  std::copy(found->second.values().begin(), found->second.values().end(), to.data());
}

// Empty, or why the parts of the model do not fit.
std::string WhatIsWrong(const Model& model) {
  const Preprocessing& p = model.preprocessing;
  const auto channels = static_cast<std::size_t>(model.network.InputShape(1)[1]);
  if (p.mean.size() != channels || p.deviation.size() != channels) {
    return fmt::format("preprocessing needs one mean and deviation for each of {} channels", channels);
  }
  if (!std::all_of(p.deviation.begin(), p.deviation.end(), [](double d) { return d > 0; }))
    return "a deviation of the preprocessing is not above 0";
  const auto outputs = static_cast<std::size_t>(model.network.OutputShape(1)[1]);
  if (!model.classes.empty() && model.classes.size() != outputs) {
    return fmt::format("{} names of classes for {} outputs", model.classes.size(), outputs);
  }
  return {};
}

}  // namespace

TensorFile ModelToFile(const Model& model) {
  if (const std::string wrong = WhatIsWrong(model); !wrong.empty()) throw ArgumentError(wrong);
  TensorFile file;
  for (const auto& p : model.network.parameters()) file.tensors.emplace(p.name, p.value);
  for (const auto& s : model.network.states()) file.tensors.emplace(s.name, s.value);
  file.metadata = {
      {"fovea.format", std::to_string(kModelFormat)},
      {"fovea.network", NetworkToJson(model.network)},
      {"fovea.preprocessing",
       Json{{"mean", model.preprocessing.mean}, {"deviation", model.preprocessing.deviation}}.dump()},
      {"fovea.classes", Json(model.classes).dump()},
      {"fovea.conventions", Json{{"micro_shard", model.conventions.micro_shard}}.dump()}};
  return file;
}

Model ModelFromFile(const std::string& path, const TensorFile& file) {
  const std::string& format = Metadata(path, file, "fovea.format");
  if (format != std::to_string(kModelFormat)) {
    throw FormatError(
        fmt::format("{}: model format \"{}\"; this version reads format {}", path, format, kModelFormat));
  }
  int64_t values = 1 << 20;  // room to name a tensor that is missing
  for (const auto& [name, tensor] : file.tensors) values += tensor.size();
  Model model{NetworkFromJson(path, Metadata(path, file, "fovea.network"), values), {}, {}};
  try {
    const Json preprocessing = Json::parse(Metadata(path, file, "fovea.preprocessing"));
    model.preprocessing.mean = preprocessing.at("mean").get<std::vector<double>>();
    model.preprocessing.deviation = preprocessing.at("deviation").get<std::vector<double>>();
    model.classes = Json::parse(Metadata(path, file, "fovea.classes")).get<std::vector<std::string>>();
    model.conventions.micro_shard =
        Json::parse(Metadata(path, file, "fovea.conventions")).at("micro_shard").get<int64_t>();
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: metadata: {}", path, error.what()));
  }
  if (const std::string wrong = WhatIsWrong(model); !wrong.empty())
    throw FormatError(fmt::format("{}: {}", path, wrong));
  for (std::size_t i = 0; i < model.network.parameters().size(); i++) {
    Load(path, file, model.network.parameters()[i], model.network.MutableParameter(static_cast<int>(i)));
  }
  for (std::size_t i = 0; i < model.network.states().size(); i++) {
    Load(path, file, model.network.states()[i], model.network.MutableState(static_cast<int>(i)));
  }
  return model;
}

void SaveModel(const std::string& path, const Model& model) { WriteTensorFile(path, ModelToFile(model)); }

Model LoadModel(const std::string& path) { return ModelFromFile(path, ReadTensorFile(path)); }

}  // namespace fovea
