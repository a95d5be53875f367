#include "fovea/formats/network_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

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

NodeDescription Describe(const Json& json) {
  NodeDescription node{json.at("name").get<std::string>(),
                       json.at("type").get<std::string>(),
                       json.at("inputs").get<std::vector<int>>(),
                       {}};
  for (const auto& [name, value] : json.at("hyper").items())
    node.hyper.push_back({name, FromJson(name, value)});
  return node;
}

void AddNode(NodeDescription node, Network& network, ValueBudget& budget) {
  auto layer = MakeLayer(node.type, node.hyper);
  budget.Take(*layer, node.inputs, network);
  network.Add(std::move(node.name), std::move(layer), std::move(node.inputs));
}

// Calls begin(graph), then visit(node) for every node; what either throws names the node.
template <class Begin, class Visit>
void Walk(const std::string& where, const std::string& text, const Begin& begin, const Visit& visit) {
  std::size_t node = 0;
  std::string name;
  try {
    const Json json = Json::parse(text);
    begin(json);
    if (json.at("nodes").size() > kMaxNodes) throw ArgumentError("too many nodes");
    for (const Json& entry : json.at("nodes")) {
      name = entry.at("name").get<std::string>();
      visit(Describe(entry));
      node++;
    }
    if (node == 0) throw ArgumentError("no nodes");
  } catch (const Json::exception& error) {
    throw FormatError(fmt::format("{}: network: node {} \"{}\": {}", where, node, name, error.what()));
  } catch (const Error& error) {
    throw FormatError(fmt::format("{}: network: node {} \"{}\": {}", where, node, name, error.what()));
  }
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
  std::optional<Network> network;
  ValueBudget budget(max_values);
  Walk(
      where, text,
      [&](const Json& json) { network.emplace(Shape(json.at("input").get<std::vector<int64_t>>())); },
      [&](NodeDescription node) { AddNode(std::move(node), *network, budget); });
  return std::move(*network);
}

std::vector<NodeDescription> NodesFromJson(const std::string& where, const std::string& text) {
  std::vector<NodeDescription> nodes;
  Walk(
      where, text, [](const Json&) {}, [&](NodeDescription node) { nodes.push_back(std::move(node)); });
  return nodes;
}

}  // namespace fovea
