#include "fovea/train/parameter_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/layers/batch_norm.h"
#include "fovea/train/parameter_group.h"

namespace fovea {
namespace {

// The rate that is asked for, or one that suits the network: batch norm bears larger steps.
double RateFor(const Learning& learning, const Network& network) {
  if (learning.lr > 0) return learning.lr;
  if (learning.optimizer == "muon") return 0.02;
  if (learning.optimizer == "adagrad") return 0.01;
  if (learning.optimizer != "sgd") return 0.001;
  const auto& nodes = network.nodes();
  const bool normed = std::any_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return dynamic_cast<const BatchNorm*>(node.layer.get()) != nullptr;
  });
  return normed ? 0.1 : 0.02;
}

std::vector<ParameterGroup> GroupsOf(const TrainConfig& config, const Network& network) {
  std::vector<ParameterGroup> groups;
  for (const std::string& text : config.groups) {
    groups.push_back(ParseGroup(text));
    const auto named = [&](const NamedTensor& p) { return groups.back().Names(p.name); };
    if (std::any_of(network.parameters().begin(), network.parameters().end(), named)) continue;
    std::vector<std::string> names;
    for (const NamedTensor& p : network.parameters()) names.push_back(p.name);
    throw ArgumentError(
        fmt::format("group \"{}\" names no parameter; the network has {}", text, fmt::join(names, ", ")));
  }
  return groups;
}

// Settings of the run and of the groups of one parameter.
GroupLearning LearningOf(const NamedTensor& parameter, const TrainConfig& config,
                         const std::vector<ParameterGroup>& groups) {
  HyperList settings = ListHyper<Learning>(config);
  settings.push_back({"epochs", config.epochs});
  if (parameter.spec.role != Role::kWeight) settings.push_back({"weight_decay", 0.0});
  for (const ParameterGroup& group : groups) {
    if (!group.Names(parameter.name)) continue;
    settings.insert(settings.end(), group.settings.begin(), group.settings.end());
  }
  return OptionsFrom<GroupLearning>(parameter.name, settings);
}

}  // namespace

std::vector<ParameterRule> RulesFor(const TrainConfig& config, const Network& network,
                                    int64_t steps_per_epoch) {
  const auto groups = GroupsOf(config, network);
  std::vector<ParameterRule> rules;
  for (const NamedTensor& p : network.parameters()) {
    const GroupLearning learning = LearningOf(p, config, groups);
    rules.push_back({OptimizerOf(learning), ScheduleOf(learning, RateFor(learning, network), steps_per_epoch),
                     std::min(learning.epochs, config.epochs) * steps_per_epoch});
  }
  return rules;
}

Schedule ScheduleFor(const TrainConfig& config, const Network& network, int64_t steps_per_epoch) {
  return ScheduleOf(config, RateFor(config, network), steps_per_epoch);
}

}  // namespace fovea
