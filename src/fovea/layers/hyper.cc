#include "fovea/layers/hyper.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fovea/base/error.h"
#include "fovea/base/suggest.h"

namespace fovea {
namespace {

ArgumentError WrongType(std::string_view where, const HyperValue& got, std::string_view want) {
  return ArgumentError(fmt::format("{} is {}; it must be {}", where, ToString(got), want));
}

// The components of a value that may be written as one integer, two or four.
std::vector<int64_t> Components(std::string_view where, const HyperValue& from, std::string_view want) {
  if (const auto* one = std::get_if<int64_t>(&from)) return {*one};
  if (const auto* list = std::get_if<std::vector<int64_t>>(&from)) return *list;
  throw WrongType(where, from, want);
}

}  // namespace

HyperValue ToHyper(bool v) { return v; }
HyperValue ToHyper(int64_t v) { return v; }
HyperValue ToHyper(double v) { return v; }
HyperValue ToHyper(const std::string& v) { return v; }
HyperValue ToHyper(const std::vector<int64_t>& v) { return v; }
HyperValue ToHyper(const std::vector<double>& v) { return v; }
HyperValue ToHyper(const std::vector<std::string>& v) { return v; }
HyperValue ToHyper(const Size2& v) { return std::vector<int64_t>{v.h, v.w}; }
HyperValue ToHyper(const Padding& v) { return std::vector<int64_t>{v.top, v.left, v.bottom, v.right}; }

void FromHyper(std::string_view where, const HyperValue& from, bool& to) {
  const auto* value = std::get_if<bool>(&from);
  if (value == nullptr) throw WrongType(where, from, "true or false");
  to = *value;
}

void FromHyper(std::string_view where, const HyperValue& from, int64_t& to) {
  const auto* value = std::get_if<int64_t>(&from);
  if (value == nullptr) throw WrongType(where, from, "an integer");
  to = *value;
}

void FromHyper(std::string_view where, const HyperValue& from, double& to) {
  if (const auto* integer = std::get_if<int64_t>(&from)) {
    to = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&from)) {
    to = *real;
  } else {
    throw WrongType(where, from, "a number");
  }
}

void FromHyper(std::string_view where, const HyperValue& from, std::string& to) {
  const auto* value = std::get_if<std::string>(&from);
  if (value == nullptr) throw WrongType(where, from, "a text");
  to = *value;
}

void FromHyper(std::string_view where, const HyperValue& from, std::vector<int64_t>& to) {
  to = Components(where, from, "an integer or a list of integers");
}

void FromHyper(std::string_view where, const HyperValue& from, std::vector<double>& to) {
  if (const auto* reals = std::get_if<std::vector<double>>(&from)) {
    to = *reals;
  } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&from)) {
    to.assign(integers->begin(), integers->end());
  } else {
    to.resize(1);
    if (!std::holds_alternative<double>(from) && !std::holds_alternative<int64_t>(from))
      throw WrongType(where, from, "a number or a list of numbers");
    FromHyper(where, from, to[0]);
  }
}

void FromHyper(std::string_view where, const HyperValue& from, std::vector<std::string>& to) {
  const auto* value = std::get_if<std::vector<std::string>>(&from);
  if (value == nullptr) throw WrongType(where, from, "a list of texts");
  to = *value;
}

void FromHyper(std::string_view where, const HyperValue& from, Size2& to) {
  constexpr std::string_view kWant = "an integer or [h, w]";
  const auto parts = Components(where, from, kWant);
  if (parts.size() == 1) {
    to = {parts[0], parts[0]};
  } else if (parts.size() == 2) {
    to = {parts[0], parts[1]};
  } else {
    throw WrongType(where, from, kWant);
  }
}

void FromHyper(std::string_view where, const HyperValue& from, Padding& to) {
  constexpr std::string_view kWant = "an integer, [vertical, horizontal] or [top, left, bottom, right]";
  const auto parts = Components(where, from, kWant);
  if (parts.size() == 1) {
    to = PadAll(parts[0]);
  } else if (parts.size() == 2) {
    to = {parts[0], parts[1], parts[0], parts[1]};
  } else if (parts.size() == 4) {
    to = {parts[0], parts[1], parts[2], parts[3]};
  } else {
    throw WrongType(where, from, kWant);
  }
}

void CheckRule(std::string_view type, std::string_view name, const HyperValue& value, const Rule& rule) {
  const auto fail = [&](const std::string& need) {
    throw ArgumentError(fmt::format("{}: {} is {}; it must be {}", type, name, ToString(value), need));
  };
  if (!rule.choices.empty()) {
    const auto& text = std::get<std::string>(value);
    for (std::string_view choice : rule.choices) {
      if (text == choice) return;
    }
    fail(fmt::format("one of {}", fmt::join(rule.choices, ", ")));
  }
  const auto check = [&](double v) {
    if (v >= rule.low && v <= rule.high) return;
    if (rule.high == 1e300) fail(fmt::format("at least {}", rule.low));
    fail(fmt::format("between {} and {}", rule.low, rule.high));
  };
  if (const auto* integer = std::get_if<int64_t>(&value)) check(static_cast<double>(*integer));
  if (const auto* real = std::get_if<double>(&value)) check(*real);
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
    for (int64_t v : *list) check(static_cast<double>(v));
  }
  if (const auto* list = std::get_if<std::vector<double>>(&value)) {
    for (double v : *list) check(v);
  }
}

std::string ToString(const HyperValue& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string>) {
          return fmt::format("{}", v);
        } else {
          return fmt::format("[{}]", fmt::join(v, ","));
        }
      },
      value);
}

std::string ToString(const HyperList& list) {
  std::string text;
  for (const Hyper& hyper : list) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", hyper.name, ToString(hyper.value));
  }
  return text;
}

void ThrowUnknownHyper(std::string_view type, std::string_view name, const HyperList& known) {
  std::vector<std::string> names;
  for (const Hyper& hyper : known) names.push_back(hyper.name);
  throw ArgumentError(
      fmt::format("{} has no hyper-parameter \"{}\"{}", type, name, DidYouMean(std::string(name), names)));
}

}  // namespace fovea
