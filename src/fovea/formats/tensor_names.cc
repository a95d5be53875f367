#include "fovea/formats/tensor_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <vector>

#include "fovea/base/error.h"
#include "fovea/base/file.h"
#include "fovea/base/lines.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

constexpr int64_t kMaxFile = 16 << 20;

// Names of nodes: those of a family of networks have a sign, a node that no other family has.
using Match = std::smatch;
struct Rule {
  const char* ours;
  std::string (*theirs)(const Match& m);
};
struct Family {
  const char* sign;
  std::vector<Rule> rules;
};

int Number(const Match& m, std::size_t group) { return std::stoi(m[group].str()); }
int Behind(const Match& m, std::size_t group) { return m[group] == "bn" ? 1 : 0; }

std::vector<Family> Families() {
  const Rule last{"fc", [](const Match&) { return std::string("classifier.1"); }};
  return {
      {"stage1.block1.join",
       {{"stem\\.(conv|bn)", [](const Match& m) { return m[1].str() + "1"; }},
        {"stage(\\d{1,9})\\.block(\\d{1,9})\\.(\\d)\\.(conv|bn)",
         [](const Match& m) {
           return fmt::format("layer{}.{}.{}{}", m[1].str(), Number(m, 2) - 1, m[4].str(), m[3].str());
         }},
        {"stage(\\d{1,9})\\.block(\\d{1,9})\\.shortcut\\.(conv|bn)",
         [](const Match& m) {
           return fmt::format("layer{}.{}.downsample.{}", m[1].str(), Number(m, 2) - 1, Behind(m, 3));
         }}}},
      {"block1.depthwise.conv",
       {{"stem\\.(conv|bn)", [](const Match& m) { return fmt::format("features.0.{}", Behind(m, 1)); }},
        {"block1\\.depthwise\\.(conv|bn)",
         [](const Match& m) { return fmt::format("features.1.conv.0.{}", Behind(m, 1)); }},
        {"block1\\.project\\.(conv|bn)",
         [](const Match& m) { return fmt::format("features.1.conv.{}", 1 + Behind(m, 1)); }},
        {"block(\\d{1,9})\\.(expand|depthwise)\\.(conv|bn)",
         [](const Match& m) {
           return fmt::format("features.{}.conv.{}.{}", m[1].str(), m[2] == "expand" ? 0 : 1, Behind(m, 3));
         }},
        {"block(\\d{1,9})\\.project\\.(conv|bn)",
         [](const Match& m) { return fmt::format("features.{}.conv.{}", m[1].str(), 2 + Behind(m, 2)); }},
        {"last\\.(conv|bn)", [](const Match& m) { return fmt::format("features.18.{}", Behind(m, 1)); }},
        last}},
  };
}

// VGG: one list of layers, then another.
TensorNames::value_type NumberedNode(const Network& network, std::size_t node) {
  const auto nodes = network.nodes();
  const auto first = static_cast<std::size_t>(
      std::find_if(nodes.begin(), nodes.end(), [](const Node& n) { return n.name == "flatten"; }) -
      nodes.begin());
  return {nodes[node].name,
          node < first ? fmt::format("features.{}", node) : fmt::format("classifier.{}", node - first - 1)};
}

bool HasNode(const Network& network, const std::string& name) {
  return std::any_of(network.nodes().begin(), network.nodes().end(),
                     [&](const Node& node) { return node.name == name; });
}

// The other name of each node that has one.
TensorNames TorchNodes(const Network& network) {
  TensorNames names;
  for (std::size_t i = 0; i < network.nodes().size() && HasNode(network, "stage1.1.conv"); i++)
    names.insert(NumberedNode(network, i));
  for (const Family& family : Families()) {
    if (!HasNode(network, family.sign)) continue;
    for (const Node& node : network.nodes()) {
      for (const Rule& rule : family.rules) {
        Match m;
        if (std::regex_match(node.name, m, std::regex(rule.ours))) names.emplace(node.name, rule.theirs(m));
      }
    }
  }
  return names;
}

template <class Visit>
void ForEachTensor(const Network& network, const Visit& visit) {
  for (const NamedTensor& p : network.parameters()) visit(p);
  for (const NamedTensor& s : network.states()) visit(s);
}

void RequireDistinct(const std::string& where, const TensorNames& names) {
  std::map<std::string, std::string> ours;
  for (const auto& [name, other] : names) {
    const auto [first, is_new] = ours.emplace(other, name);
    if (is_new) continue;
    throw FormatError(
        fmt::format("{}: \"{}\" and \"{}\" are both called \"{}\"", where, first->second, name, other));
  }
}

// Names of tensors from those of nodes and single tensors. Throws FormatError naming `where` when two tensors share one.
TensorNames Spread(const std::string& where, const Network& network, const TensorNames& given) {
  TensorNames names;
  ForEachTensor(network, [&](const NamedTensor& tensor) {
    const std::string& node = network.nodes()[static_cast<std::size_t>(tensor.node)].name;
    if (const auto alone = given.find(tensor.name); alone != given.end()) {
      names[tensor.name] = alone->second;
    } else if (const auto whole = given.find(node); whole != given.end()) {
      names[tensor.name] = whole->second + tensor.name.substr(node.size());
    } else {
      names[tensor.name] = tensor.name;
    }
  });
  RequireDistinct(where, names);
  return names;
}

}  // namespace

TensorNames OwnNames(const Network& network) { return Spread("", network, {}); }

TensorNames TorchNames(const Network& network) { return Spread("torch", network, TorchNodes(network)); }

TensorNames ReadTensorNames(const std::string& path, const Network& network) {
  return ParseTensorNames(path, ReadFile(path, kMaxFile), network);
}

TensorNames ParseTensorNames(const std::string& path, const std::string& text, const Network& network) {
  std::set<std::string> known;
  for (const Node& node : network.nodes()) known.insert(node.name);
  ForEachTensor(network, [&](const NamedTensor& tensor) { known.insert(tensor.name); });
  TensorNames given, torch;
  ForEachLine(text, [&](const std::string& full, int64_t number) {
    const auto fail = [&](const std::string& reason) {
      throw FormatError(fmt::format("{}: line {}: {}", path, number, reason));
    };
    const std::string line = Trimmed(full.substr(0, full.find('#')));
    if (line.empty()) return;
    if (line == "torch") {
      torch = TorchNodes(network);
      return;
    }
    const std::size_t middle = line.find('=');
    if (middle == std::string::npos) fail("needs \"name = other name\" or \"torch\"");
    const std::string ours = Trimmed(line.substr(0, middle)), theirs = Trimmed(line.substr(middle + 1));
    if (ours.empty() || theirs.empty()) fail("needs \"name = other name\"");
    if (!known.contains(ours)) {
      fail(fmt::format("the network has no node or tensor \"{}\"{}", ours,
                       DidYouMean(ours, {known.begin(), known.end()})));
    }
    if (!given.emplace(ours, theirs).second) fail(fmt::format("\"{}\" is named twice", ours));
  });
  given.merge(torch);
  return Spread(path, network, given);
}

TensorNames NamesBy(const std::string& word, const Network& network) {
  if (word.empty()) return OwnNames(network);
  return word == "torch" ? TorchNames(network) : ReadTensorNames(word, network);
}

}  // namespace fovea
