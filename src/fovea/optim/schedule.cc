#include "fovea/optim/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fovea/base/error.h"
#include "fovea/base/math.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

constexpr double kPi = 3.14159265358979323846;

constexpr std::pair<const char*, ScheduleKind> kNames[] = {
    {"constant", ScheduleKind::kConstant},  {"cosine", ScheduleKind::kCosine},
    {"one_cycle", ScheduleKind::kOneCycle}, {"polynomial", ScheduleKind::kPolynomial},
    {"step", ScheduleKind::kStep},          {"multi_step", ScheduleKind::kMultiStep}};

int64_t MilestonesPassed(const Schedule& s, int64_t step) {
  return std::count_if(s.milestones.begin(), s.milestones.end(),
                       [&](int64_t epoch) { return step / s.steps_per_epoch >= epoch; });
}

int64_t StepsPassed(const Schedule& s, int64_t step) { return step / s.steps_per_epoch / s.step_every; }

double Cosine(double from, double to, double t) { return to + (from - to) * (1 + Cos(kPi * t)) / 2; }

}  // namespace

double RateAt(const Schedule& s, int64_t step, int64_t total_steps) {
  const double total = static_cast<double>(std::max<int64_t>(total_steps, 1));
  const double warm = s.warmup * total, at = static_cast<double>(step);
  const double low = s.kind == ScheduleKind::kOneCycle ? s.rate / 25 : 0;
  if (at < warm) return low + (s.rate - low) * (at + 1) / (warm + 1);
  const double t = std::min(1.0, (at - warm) / std::max(total - warm, 1.0));
  switch (s.kind) {
    case ScheduleKind::kCosine:
      return Cosine(s.rate, 0, t);
    case ScheduleKind::kOneCycle:
      return Cosine(s.rate, s.rate / 1e4, t);
    case ScheduleKind::kPolynomial:
      return t < 1 ? s.rate * Pow(1 - t, s.power) : 0;
    case ScheduleKind::kStep:
      return s.rate * Pow(s.gamma, static_cast<double>(StepsPassed(s, step)));
    case ScheduleKind::kMultiStep:
      return s.rate * Pow(s.gamma, static_cast<double>(MilestonesPassed(s, step)));
    case ScheduleKind::kConstant:
      break;
  }
  return s.rate;
}

std::vector<std::string> ScheduleNames() {
  std::vector<std::string> names;
  for (const auto& [name, kind] : kNames) names.emplace_back(name);
  return names;
}

ScheduleKind ParseSchedule(const std::string& name) {
  for (const auto& [known, kind] : kNames) {
    if (name == known) return kind;
  }
  throw ArgumentError(fmt::format("there is no schedule \"{}\"{}", name, DidYouMean(name, ScheduleNames())));
}

}  // namespace fovea
