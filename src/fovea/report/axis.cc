#include "fovea/report/axis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fovea/base/math.h"

namespace fovea {
namespace {

double PowerOfTen(int exponent) { return Pow(10.0, static_cast<double>(exponent)); }

int FloorLog10(double value) {
  int exponent = static_cast<int>(std::floor(Log(value) / Log(10.0)));
  if (PowerOfTen(exponent + 1) <= value) ++exponent;
  return exponent;
}

double RoundStep(double span, int count) {
  const double raw = std::max(span / count, std::numeric_limits<double>::min() * 1e10);
  const double power = PowerOfTen(FloorLog10(raw));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

void AddTicks(double step, double low, double high, std::vector<double>& ticks) {
  const double first = std::ceil(low / step - 1e-9);
  for (double k = first; k * step <= high + 1e-9 * step && ticks.size() < 50; k += 1) {
    ticks.push_back(k == 0 ? 0 : k * step);  // no -0
  }
}

}  // namespace

double Axis::Position(double value) const {
  if (!logarithmic) return (value - low) / (high - low);
  if (value <= 0) return 0;
  return Log(value / low) / Log(high / low);
}

Axis LinearAxis(double low, double high, int count) {
  if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
    const double room = low == 0 ? 0.5 : std::abs(low) * 0.1;
    low -= room;
    high += room;
  }
  const double step = RoundStep(high - low, count);
  Axis axis{std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, false, {}};
  AddTicks(step, axis.low, axis.high, axis.ticks);
  return axis;
}

Axis WholeAxis(double low, double high, int count) {
  Axis axis{low, high, false, {}};
  if (!(high > low)) {
    axis.low = low - 0.5;
    axis.high = low + 0.5;
  }
  const double step = std::max(1.0, RoundStep(axis.high - axis.low, count));
  AddTicks(step, axis.low, axis.high, axis.ticks);
  const bool room = !axis.ticks.empty() && axis.ticks.front() - axis.low > 0.6 * step;
  if (room) axis.ticks.insert(axis.ticks.begin(), axis.low);
  return axis;
}

Axis LogarithmicAxis(double low, double high) {
  const int first = FloorLog10(low), last = FloorLog10(high);
  std::vector<double> all;
  for (int e = first; e <= last + 1; ++e) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor == 1 || last - first < 3) all.push_back(factor * PowerOfTen(e));
    }
  }
  const auto below = std::upper_bound(all.begin(), all.end(), low * (1 + 1e-9));
  const auto above = std::lower_bound(all.begin(), all.end(), high * (1 - 1e-9));
  const auto begin = below == all.begin() ? below : below - 1;
  auto end = above == all.end() ? above : above + 1;
  if (end - begin < 2) end = std::min(begin + 2, all.end());
  Axis axis{*begin, *(end - 1), true, {}};
  // More than eight decades: every second or third power of ten.
  const auto stride = std::max<std::ptrdiff_t>(1, (end - begin + 7) / 8);
  for (auto tick = begin; tick < end; tick += std::min(stride, end - tick)) axis.ticks.push_back(*tick);
  return axis;
}

}  // namespace fovea
