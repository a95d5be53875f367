#include "fovea/formats/model_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "fovea/base/base64.h"
#include "fovea/base/error.h"
#include "fovea/formats/heads_json.h"
#include "fovea/formats/network_json.h"

namespace fovea {
namespace {

using Json = nlohmann::json;

const std::string& Entry(const std::string& path, const ModelMetadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) {
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

void CheckFormat(const std::string& path, const ModelMetadata& metadata) {
  const std::string& format = Entry(path, metadata, "fovea.format");
  if (format != std::to_string(kModelFormat)) {
    throw FormatError(
        fmt::format("{}: model format \"{}\"; this version reads format {}", path, format, kModelFormat));
  }
}

// Empty, or why the parts of the model do not fit.
std::string WhatIsWrong(const Model& model) {
  const Preprocessing& p = model.preprocessing;
  const auto channels = static_cast<std::size_t>(model.network.InputShape(1)[1]);
  if (p.mean.size() != channels || p.deviation.size() != channels) {
    return fmt::format("preprocessing needs one mean and deviation for each of {} channels", channels);
  }
  if (!std::ranges::all_of(p.mean, [](double m) { return std::isfinite(m); }))
    return "a mean of the preprocessing is not a finite number";
  if (!std::ranges::all_of(p.deviation, [](double d) { return std::isfinite(d) && d > 0; }))
    return "a deviation of the preprocessing is not a finite number above 0";
  const int64_t count = ClassCount(model);
  if (!model.classes.empty() && static_cast<int64_t>(model.classes.size()) != count) {
    return fmt::format("{} names of classes for {} {}", model.classes.size(), count,
                       model.heads.empty() ? "outputs" : "classes of the heads");
  }
  return {};
}

// Little-endian floats as base64.
std::string Packed(const Tensor<float>& tensor) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(tensor.data());
  return EncodeBase64({bytes, static_cast<std::size_t>(tensor.size()) * sizeof(float)});
}

Tensor<float> Unpacked(const std::string& text, const Shape& shape) {
  const std::vector<uint8_t> bytes = DecodeBase64(text);
  if (bytes.size() / sizeof(float) != static_cast<std::size_t>(shape.Size()) ||
      bytes.size() % sizeof(float) != 0) {
    throw FormatError(
        fmt::format("an example of {} bytes where {} floats were expected", bytes.size(), shape.Size()));
  }
  Tensor<float> tensor(shape);
  std::memcpy(tensor.data(), bytes.data(), bytes.size());
  return tensor;
}

std::string PackedExamples(const Model& model) {
  Json examples = Json::array();
  for (const Example& example : model.examples)
    examples.push_back({{"x", Packed(example.x)}, {"y", Packed(example.y)}});
  return examples.dump();
}

std::vector<Example> UnpackedExamples(const std::string& text, const Network& network) {
  std::vector<Example> examples;
  for (const Json& entry : Json::parse(text)) {
    examples.push_back({Unpacked(entry.at("x").get<std::string>(), network.InputShape(1)),
                        Unpacked(entry.at("y").get<std::string>(), network.OutputShape(1))});
  }
  return examples;
}

// What the network's outputs are.
void ReadOutputs(const std::string& path, const ModelMetadata& metadata, Described described, Model& model) {
  if (described == Described::kBeginning) return;
  const bool whole = described == Described::kWhole, heads = metadata.contains("fovea.heads");
  if (whole || !heads)
    model.classes = Json::parse(Entry(path, metadata, "fovea.classes")).get<std::vector<std::string>>();
  if (!whole) return;
  if (metadata.contains("fovea.examples"))
    model.examples = UnpackedExamples(metadata.at("fovea.examples"), model.network);
  if (heads) model.heads = HeadsFromJson(metadata.at("fovea.heads"));
}

}  // namespace

int64_t ClassCount(const Model& model) {
  if (model.heads.empty()) return model.network.OutputShape(1)[1];
  return std::ranges::max_element(model.heads, {}, &DetectionHead::classes)->classes;
}

ModelMetadata MetadataOf(const Model& model) {
  if (model.network.nodes().empty()) throw ArgumentError("the network has no layers");
  if (const std::string wrong = WhatIsWrong(model); !wrong.empty()) throw ArgumentError(wrong);
  ModelMetadata metadata{
      {"fovea.format", std::to_string(kModelFormat)},
      {"fovea.network", NetworkToJson(model.network)},
      {"fovea.preprocessing",
       Json{{"mean", model.preprocessing.mean}, {"deviation", model.preprocessing.deviation}}.dump()},
      {"fovea.classes", Json(model.classes).dump()},
      {"fovea.conventions", Json{{"micro_shard", model.conventions.micro_shard}}.dump()}};
  if (!model.examples.empty()) metadata["fovea.examples"] = PackedExamples(model);
  if (!model.heads.empty()) metadata["fovea.heads"] = HeadsToJson(model.heads);
  return metadata;
}

void ReadMetadata(const std::string& path, const ModelMetadata& metadata, Described described, Model& model) {
  CheckFormat(path, metadata);
  try {
    const Json preprocessing = Json::parse(Entry(path, metadata, "fovea.preprocessing"));
    model.preprocessing.mean = preprocessing.at("mean").get<std::vector<double>>();
    model.preprocessing.deviation = preprocessing.at("deviation").get<std::vector<double>>();
    model.conventions.micro_shard =
        Json::parse(Entry(path, metadata, "fovea.conventions")).at("micro_shard").get<int64_t>();
    ReadOutputs(path, metadata, described, model);
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: metadata: {}", path, error.what()));
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: metadata: {}", path, error.what()));
  }
  if (const std::string wrong = WhatIsWrong(model); !wrong.empty())
    throw FormatError(fmt::format("{}: {}", path, wrong));
}

TensorFile ModelToFile(const Model& model) {
  TensorFile file;
  file.metadata = MetadataOf(model);
  for (const auto& p : model.network.parameters()) file.tensors.emplace(p.name, p.value);
  for (const auto& s : model.network.states()) file.tensors.emplace(s.name, s.value);
  return file;
}

Model ModelFromFile(const std::string& path, const TensorFile& file) {
  CheckFormat(path, file.metadata);
  int64_t values = 1 << 20;  // room to name a tensor that is missing
  for (const auto& [name, tensor] : file.tensors) values += tensor.size();
  Model model{NetworkFromJson(path, Entry(path, file.metadata, "fovea.network"), values), {}, {}};
  ReadMetadata(path, file.metadata, Described::kWhole, model);
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
