#include "fovea/engine/traffic.h"

namespace fovea {
namespace {

constexpr int64_t kFloat = 4;

int64_t ParameterBytes(const Network& network, const ScheduledStep& step) {
  int64_t bytes = 0;
  for (int i = step.node; i < step.node + step.nodes; i++) {
    const Node& node = network.nodes()[static_cast<std::size_t>(i)];
    for (int p = node.first_parameter; p < node.first_parameter + node.parameters; p++)
      bytes += kFloat * network.parameters()[static_cast<std::size_t>(p)].value.size();
  }
  return bytes;
}

}  // namespace

StepTraffic TrafficOf(const Network& network, const Schedule& schedule, const ScheduledStep& step,
                      int64_t n) {
  if (step.needs.view) return {};
  const auto value = [&](int v) -> const ScheduledValue& {
    return schedule.values[static_cast<std::size_t>(v)];
  };
  const auto bytes = [&](int v) { return kFloat * n * value(v).storage.Floats(); };
  const int64_t parameters = ParameterBytes(network, step);
  const int64_t saved =
      step.saved < 0 ? 0 : kFloat * schedule.lives[static_cast<std::size_t>(step.saved)].floats;
  const int64_t x = bytes(step.inputs[0]);
  StepTraffic traffic{bytes(step.output) + step.needs.forward_again * x + parameters + saved, 0};
  for (const int input : step.inputs) traffic.forward += bytes(input);
  if (!step.has_backward) return traffic;
  // The gradients of parameters are read and written: they are added to.
  traffic.backward = bytes(step.output) + step.needs.backward_again * x + saved + 2 * parameters;
  if (step.needs.y_in_backward) traffic.backward += bytes(step.output);
  for (const int i : step.needs.x_in_backward)
    traffic.backward += bytes(step.inputs[static_cast<std::size_t>(i)]);
  if (schedule.GivesGradient(step)) traffic.backward += parameters;
  for (std::size_t i = 0; i < step.inputs.size(); i++) {
    const bool adds = !step.later.empty() && step.later[i];
    if (value(step.inputs[i]).gradient >= 0) traffic.backward += bytes(step.inputs[i]) * (adds ? 2 : 1);
  }
  return traffic;
}

}  // namespace fovea
