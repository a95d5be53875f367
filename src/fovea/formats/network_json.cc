#include "fovea/formats/network_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/layers/registry.h"

namespace fovea {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kMaxNodes = 100000;

Json ToJson(const HyperValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

HyperValue FromJson(const std::string& name, const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number_float()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) return json.get<std::vector<int64_t>>();
  throw ArgumentError(fmt::format("hyper-parameter \"{}\" is neither a number, a text nor a list", name));
}

void AddNode(const Json& json, Network& network) {
  HyperList hyper;
  for (const auto& [name, value] : json.at("hyper").items()) hyper.push_back({name, FromJson(name, value)});
  network.Add(json.at("name").get<std::string>(), MakeLayer(json.at("type").get<std::string>(), hyper),
              json.at("inputs").get<std::vector<int>>());
}

}  // namespace

std::string NetworkToJson(const Network& network) {
  Json json{{"nodes", Json::array()}};
  const Shape input = network.InputShape(1);
  json["input"] = std::vector<int64_t>(input.extents().begin() + 1, input.extents().end());
  for (const Node& node : network.nodes()) {
    Json hyper = Json::object();
    for (const Hyper& h : node.layer->HyperParameters()) hyper[h.name] = ToJson(h.value);
    json["nodes"].push_back(
        {{"name", node.name}, {"type", node.layer->Type()}, {"inputs", node.inputs}, {"hyper", hyper}});
  }
  return json.dump();
}

Network NetworkFromJson(const std::string& where, const std::string& text) {
  std::size_t node = 0;
  try {
    const Json json = Json::parse(text);
    Network network{Shape(json.at("input").get<std::vector<int64_t>>())};
    if (json.at("nodes").size() > kMaxNodes) throw ArgumentError("too many nodes");
    for (const Json& entry : json.at("nodes")) {
      AddNode(entry, network);
      node++;
    }
    if (network.nodes().empty()) throw ArgumentError("no nodes");
    return network;
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: network: node {}: {}", where, node, error.what()));
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: network: node {}: {}", where, node, error.what()));
  }
}

}  // namespace fovea
