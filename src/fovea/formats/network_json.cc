#include "fovea/formats/network_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fovea/base/error.h"
#include "fovea/formats/value_budget.h"
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
  if (json.is_array()) {
    const bool reals =
        std::any_of(json.begin(), json.end(), [](const Json& v) { return v.is_number_float(); });
    return reals ? HyperValue(json.get<std::vector<double>>()) : HyperValue(json.get<std::vector<int64_t>>());
  }
  throw ArgumentError(fmt::format("hyper-parameter \"{}\" is neither a number, a text nor a list", name));
}

void AddNode(const Json& json, Network& network, ValueBudget& budget) {
  HyperList hyper;
  for (const auto& [name, value] : json.at("hyper").items()) hyper.push_back({name, FromJson(name, value)});
  const auto inputs = json.at("inputs").get<std::vector<int>>();
  auto layer = MakeLayer(json.at("type").get<std::string>(), hyper);
  budget.Take(*layer, inputs, network);
  network.Add(json.at("name").get<std::string>(), std::move(layer), inputs);
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

Network NetworkFromJson(const std::string& where, const std::string& text, int64_t max_values) {
  std::size_t node = 0;
  std::string name;
  try {
    const Json json = Json::parse(text);
    Network network(Shape(json.at("input").get<std::vector<int64_t>>()));
    ValueBudget budget(max_values);
    if (json.at("nodes").size() > kMaxNodes) throw ArgumentError("too many nodes");
    for (const Json& entry : json.at("nodes")) {
      name = entry.at("name").get<std::string>();
      AddNode(entry, network, budget);
      node++;
    }
    if (node == 0) throw ArgumentError("no nodes");
    return network;
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: network: node {} \"{}\": {}", where, node, name, error.what()));
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: network: node {} \"{}\": {}", where, node, name, error.what()));
  }
}

}  // namespace fovea
