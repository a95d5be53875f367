#include "fovea/report/numbers.h"

#include <fmt/format.h>

#include <cmath>

namespace fovea {
namespace {

constexpr const char* kNoBreak = "\xC2\xA0";
constexpr double kZ95 = 1.959963984540054;  // the normal quantile of 0.975

}  // namespace

Interval Wilson(int64_t correct, int64_t total) {
  if (total <= 0) return {};
  const double n = static_cast<double>(total), p = static_cast<double>(correct) / n, z2 = kZ95 * kZ95;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {correct == 0 ? 0 : centre - half, correct == total ? 1 : centre + half};
}

std::string Grouped(int64_t value) {
  const std::string digits = fmt::format("{}", value);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && digits[i - 1] != '-' && left % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string Percent(double fraction, int decimals) {
  if (!std::isfinite(fraction)) return "not a number";
  return fmt::format("{:.{}f}{}%", fraction * 100, decimals, kNoBreak);
}

std::string Duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e12) return "unknown";
  if (seconds < 9.95) return fmt::format("{:.1f}{}s", seconds, kNoBreak);
  const int64_t whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{}{}s", whole, kNoBreak);
  if (whole < 3600) return fmt::format("{}{}min {}{}s", whole / 60, kNoBreak, whole % 60, kNoBreak);
  return fmt::format("{}{}h {:02}{}min", whole / 3600, kNoBreak, whole % 3600 / 60, kNoBreak);
}

std::string Short(double value) {
  if (std::isnan(value)) return "not a number";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  if (std::abs(value) >= 1000 && std::abs(value) < 1e7)
    return Grouped(static_cast<int64_t>(std::floor(value + 0.5)));
  return fmt::format("{:.4g}", value);
}

std::string Scaled(int64_t value) {
  const double v = static_cast<double>(value);
  if (v >= 999.5e6) return fmt::format("{:.3g}{}billion", v / 1e9, kNoBreak);
  if (v >= 999.5e3) return fmt::format("{:.3g}{}million", v / 1e6, kNoBreak);
  if (v >= 10e3) return fmt::format("{:.3g}{}thousand", v / 1e3, kNoBreak);
  return Grouped(value);
}

std::string Plural(int64_t count, const std::string& noun) {
  return fmt::format("{} {}{}", Grouped(count), noun, count == 1 ? "" : "s");
}

}  // namespace fovea
