#include "fovea/optim/schedule.h"

#include <fmt/format.h>

#include <algorithm>

#include "fovea/base/error.h"
#include "fovea/base/math.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

constexpr double kPi = 3.14159265358979323846;

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
    default:
      return s.rate;
  }
}

std::vector<std::string> ScheduleNames() { return {"constant", "cosine", "one_cycle"}; }

ScheduleKind ParseSchedule(const std::string& name) {
  if (name == "constant") return ScheduleKind::kConstant;
  if (name == "cosine") return ScheduleKind::kCosine;
  if (name == "one_cycle") return ScheduleKind::kOneCycle;
  throw ArgumentError(fmt::format("there is no schedule \"{}\"{}", name, DidYouMean(name, ScheduleNames())));
}

}  // namespace fovea
