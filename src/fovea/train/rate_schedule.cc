#include "fovea/train/rate_schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/layers/batch_norm.h"

namespace fovea {
namespace {

// The rate of the configuration, or one that suits the network: batch norm bears larger steps.
double RateFor(const TrainConfig& config, const Network& network) {
  if (config.lr > 0) return config.lr;
  if (config.optimizer != "sgd") return 0.001;
  const auto& nodes = network.nodes();
  const bool normed = std::any_of(nodes.begin(), nodes.end(), [](const Node& node) {
    return dynamic_cast<const BatchNorm*>(node.layer.get()) != nullptr;
  });
  return normed ? 0.1 : 0.02;
}

std::vector<int64_t> Milestones(const std::string& text) {
  std::vector<int64_t> epochs;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t used = 0;
    try {
      epochs.push_back(std::stoll(text.substr(at), &used));
    } catch (const std::exception&) {
      used = 0;
    }
    at += used;
    if (used == 0 || (at < text.size() && text[at] != ',')) {
      throw ArgumentError(fmt::format("milestones is \"{}\"; give epochs, as in 60,120", text));
    }
    at++;
  }
  return epochs;
}

}  // namespace

Schedule ScheduleFor(const TrainConfig& config, const Network& network, int64_t steps_per_epoch) {
  const ScheduleKind kind = ParseSchedule(config.schedule);
  const double usual = kind == ScheduleKind::kOneCycle ? 0.25 : 0.02;
  return {.kind = kind,
          .rate = RateFor(config, network),
          .warmup = config.warmup < 0 ? usual : config.warmup,
          .power = config.power,
          .gamma = config.gamma,
          .step_every = config.step_every,
          .milestones = Milestones(config.milestones),
          .steps_per_epoch = steps_per_epoch};
}

}  // namespace fovea
