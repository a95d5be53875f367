#include "fovea/train/learning.h"

#include <fmt/format.h>

#include "fovea/base/error.h"

namespace fovea {
namespace {

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

OptimizerOptions OptimizerOf(const Learning& l) {
  return {.kind = l.optimizer,
          .momentum = l.momentum,
          .nesterov = l.nesterov,
          .weight_decay = l.weight_decay,
          .beta1 = l.beta1,
          .beta2 = l.beta2,
          .alpha = l.alpha,
          .eps = l.eps,
          .eps_uncorrected = l.eps_uncorrected,
          .lr_decay = l.lr_decay,
          .renormalise = l.renormalise,
          .newton_schulz = l.newton_schulz};
}

Schedule ScheduleOf(const Learning& l, double rate, int64_t steps_per_epoch) {
  const ScheduleKind kind = ParseSchedule(l.schedule);
  const double usual = kind == ScheduleKind::kOneCycle ? 0.25 : 0.02;
  return {.kind = kind,
          .rate = rate,
          .warmup = l.warmup < 0 ? usual : l.warmup,
          .power = l.power,
          .gamma = l.gamma,
          .step_every = l.step_every,
          .milestones = Milestones(l.milestones),
          .steps_per_epoch = steps_per_epoch};
}

}  // namespace fovea
