// Learning rates as pure functions of the step: nothing to save, nothing to drift.
//   constant   rate
//   cosine     rate * (1 + cos(pi*t)) / 2
//   one_cycle  linear from rate/25 to rate over the first `warmup` of the steps, then cosine down to rate/1e4
//   polynomial rate * (1 - t)^power
//   step       rate * gamma^k, k the number of times that step_every epochs have passed
//   multi_step rate * gamma^k, k the number of milestones (epochs) that have passed
// t is the share of the steps after the warm-up that is done. All but one_cycle rise linearly from near 0 over the
// warm-up. Source: Loshchilov & Hutter 2017, arXiv:1608.03983; Smith & Topin 2018, arXiv:1708.07120
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace fovea {

enum class ScheduleKind { kConstant, kCosine, kOneCycle, kPolynomial, kStep, kMultiStep };

struct Schedule {
  ScheduleKind kind = ScheduleKind::kOneCycle;
  double rate = 0.1;     // the largest
  double warmup = 0.25;  // share of all steps
  double power = 1, gamma = 0.1;
  int64_t step_every = 30;               // epochs
  std::vector<int64_t> milestones = {};  // epochs, ascending
  int64_t steps_per_epoch = 1;
};

double RateAt(const Schedule& schedule, int64_t step, int64_t total_steps);

// Throws ArgumentError for an unknown name, with the nearest known one.
ScheduleKind ParseSchedule(const std::string& name);
std::vector<std::string> ScheduleNames();

}  // namespace fovea
#pragma GCC visibility pop
